"""Money went back, or came back after all: one fact row per refund."""

from dataclasses import dataclass

from shared.contracts.payments import PaymentState, RefundState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import refund_facts
from customers.commands.keep_payment import KeepPayment, keep_payment

_KEEP = insert(refund_facts)
_KEEP_SUCCESS = _KEEP.on_conflict_do_nothing(index_elements=["refund_id"])
_KEEP_FAILURE = _KEEP.on_conflict_do_update(index_elements=["refund_id"], set_={"amount_cents": 0})


@dataclass(frozen=True, slots=True)
class KeepRefund:
    """A refund that succeeded or failed, and the payment that it is of."""

    refund: RefundState
    payment: PaymentState


async def keep_refund(command: KeepRefund, uow: UnitOfWork) -> None:
    """Counts the refund once, and nothing of one that failed: a failure may follow a success, and nothing a failure.

    It may come before its booking is known here.
    """
    refund, has_failed = command.refund, command.refund.status == "failed"
    await keep_payment(KeepPayment.of(command.payment), uow)
    await uow.execute(
        _KEEP_FAILURE if has_failed else _KEEP_SUCCESS,
        {
            "refund_id": refund.id,
            "booking_id": refund.booking_id,
            "payment_id": refund.payment_id,
            "amount_cents": 0 if has_failed else refund.amount_cents,
            "refunded_at": refund.processed_at or uow.now,
        },
    )
