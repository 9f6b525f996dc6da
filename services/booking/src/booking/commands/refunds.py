"""Asking payments for money back. Not a use case of its own, but a part of several."""

from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts.booking import RefundRequested
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.accounts import accounts_of
from booking.adapters.tables import refund_requests
from booking.domain.booking import Booking
from booking.domain.facts import state_of
from booking.domain.settling import shares


async def already_requested(uow: UnitOfWork, request_id: UUID) -> bool:
    """Whether this cause has asked for its refund before. Meant for use under the booking's lock."""
    statement = refund_requests.select().where(refund_requests.c.id == request_id)
    return await uow.fetch_one(statement) is not None


def request_id_of(cause: str, thing: UUID) -> UUID:
    """The id of the request that a cause makes: the same cause gives the same id, so it asks once."""
    return uuid5(NAMESPACE_URL, f"totetaxi:refund:{cause}:{thing}")


async def refund_shares(uow: UnitOfWork, booking: Booking, cause: str, amount_cents: int, reason: str) -> None:
    """Asks for `amount_cents` back from the booking's payments, the newest first; the cause asks once.

    The booking's version must have been raised in this transaction.
    """
    for payment_id, part in shares(await accounts_of(uow, booking), amount_cents):
        await request_refund(uow, booking, request_id_of(cause, payment_id), payment_id, part, reason)


async def request_refund(
    uow: UnitOfWork, booking: Booking, request_id: UUID, payment_id: UUID, amount_cents: int | None, reason: str
) -> None:
    """Records that `amount_cents` (null: all that is left) of a payment are to go back.

    The booking's version must have been raised in this transaction.
    """
    await uow.execute(
        insert(refund_requests),
        {
            "id": request_id,
            "booking_id": booking.id,
            "payment_id": payment_id,
            "amount_cents": amount_cents,
            "reason": reason,
            "created_at": uow.now,
        },
    )
    event = RefundRequested(
        booking=state_of(booking),
        request_id=request_id,
        payment_id=payment_id,
        amount_cents=amount_cents,
        reason=reason,
    )
    uow.record(event, booking.version)
