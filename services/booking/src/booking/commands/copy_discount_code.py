"""A discount code was made or changed."""

from dataclasses import dataclass

from shared.contracts.catalog import DiscountCodeState
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.discount_codes import copy_discount_code


@dataclass(frozen=True, slots=True)
class CopyDiscountCode:
    """Keep this state of a code."""

    code: DiscountCodeState


async def keep_discount_code(command: CopyDiscountCode, uow: UnitOfWork) -> None:
    """Older states than the one that is known change nothing."""
    await copy_discount_code(uow, command.code)
