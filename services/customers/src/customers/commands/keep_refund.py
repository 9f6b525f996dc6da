"""Money went back: one fact row per refund."""

from dataclasses import dataclass

from shared.contracts.payments import PaymentState, RefundState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import refund_facts
from customers.commands.keep_payment import KeepPayment, keep_payment

_KEEP = insert(refund_facts).on_conflict_do_nothing(index_elements=["refund_id"])


@dataclass(frozen=True, slots=True)
class KeepRefund:
    """A refund that succeeded, and the payment that it is of."""

    refund: RefundState
    payment: PaymentState


async def keep_refund(command: KeepRefund, uow: UnitOfWork) -> None:
    """Counts the refund once. It may come before its booking is known here."""
    refund = command.refund
    await keep_payment(KeepPayment.of(command.payment), uow)
    await uow.execute(
        _KEEP,
        {
            "refund_id": refund.id,
            "booking_id": refund.booking_id,
            "payment_id": refund.payment_id,
            "amount_cents": refund.amount_cents,
            "refunded_at": refund.processed_at or uow.now,
        },
    )
