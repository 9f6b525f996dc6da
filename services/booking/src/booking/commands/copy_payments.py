"""What payments tells about payments and refunds is kept for showing, and for knowing what must not expire."""

from dataclasses import dataclass

from shared.contracts.payments import PaymentState, RefundState
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.copies import copy_payment, copy_refund


@dataclass(frozen=True, slots=True)
class CopyPayment:
    """Keep this state of a payment."""

    payment: PaymentState


@dataclass(frozen=True, slots=True)
class CopyRefund:
    """Keep this state of a refund, and of its payment after it."""

    refund: RefundState
    payment: PaymentState


async def keep_payment(command: CopyPayment, uow: UnitOfWork) -> None:
    """Older states than the one that is known change nothing."""
    await copy_payment(uow, command.payment)


async def keep_refund(command: CopyRefund, uow: UnitOfWork) -> None:
    """Older states than the ones that are known change nothing. The refund's copy locks the booking, so it is first."""
    await copy_refund(uow, command.refund)
    await copy_payment(uow, command.payment)
