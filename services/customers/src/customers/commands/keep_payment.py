"""Money came in for a booking: one fact row per payment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.payments import PaymentState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.people_tables import payment_facts

_KEEP = insert(payment_facts).on_conflict_do_nothing(index_elements=["payment_id"])


@dataclass(frozen=True, slots=True)
class KeepPayment:
    """A payment that was captured, in cents; what of it went back are facts of their own."""

    payment_id: UUID
    booking_id: UUID
    purpose: str
    captured_cents: int
    paid_at: datetime | None

    @classmethod
    def of(cls, payment: PaymentState) -> "KeepPayment":
        """As its events tell of it."""
        return cls(payment.id, payment.booking_id, payment.purpose, payment.captured_cents, payment.processed_at)


async def keep_payment(command: KeepPayment, uow: UnitOfWork) -> None:
    """Counts the payment once, whichever event tells of it first. It may come before its booking is known here."""
    if command.captured_cents == 0:
        return
    uow.send(
        _KEEP,
        {
            "payment_id": command.payment_id,
            "booking_id": command.booking_id,
            "purpose": command.purpose,
            "captured_cents": command.captured_cents,
            "paid_at": command.paid_at or uow.now,
        },
    )
