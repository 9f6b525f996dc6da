"""Tell staff that our books and Stripe's differ in a way that nothing here can repair."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork

from payments.adapters import books


@dataclass(frozen=True, slots=True)
class TellDifference:
    """`key` makes one alert of repeated findings."""

    key: str
    message: str
    booking_id: UUID | None = None


async def tell_difference(command: TellDifference, uow: UnitOfWork) -> None:
    """Raises the alert."""
    books.raise_alert(uow, command.key, command.message, command.booking_id)
