"""`POST /api/customers/bookings/{id}/rebook/`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from shared.contracts.booking_state import Contact
from shared.db.engine import Database
from shared.errors import NotFound, Refusal
from shared.http import access
from shared.http.idempotency import IdempotencyKey, OptionalKey, claimed_before
from shared.http.identity import Caller

from booking.adapters.intents import Intent
from booking.api.intent_answers import Parts, answer_with_intent
from booking.api.presenting import booking_document
from booking.api.reschedule_models import RebookAnswer, RebookBody
from booking.commands.book_move import BookingDesk
from booking.domain.booking import Booking
from booking.domain.opening import Order
from booking.domain.rebooking import order_again
from booking.domain.slots import WantedSlot
from booking.queries.bookings import BookingQueries


def rebook_routes(desk: BookingDesk, queries: BookingQueries, database: Database) -> APIRouter:
    """The same move once more."""
    router = APIRouter(prefix="/api/customers/bookings", tags=["My bookings"])

    @router.post(
        "/{booking_id}/rebook/",
        status_code=201,
        response_model=RebookAnswer,
        response_model_exclude_unset=True,
        summary="Book the same move again",
    )
    async def rebook(
        booking_id: UUID, body: RebookBody, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """The same things between the same places on another day, at today's prices."""
        found = await queries.of_customer(booking_id, caller.require_customer())
        if found is None:
            raise NotFound()

        async def work() -> Parts:
            booking, intent = await _book(
                desk, queries, database, lambda: _order(found.booking, body, caller, desk), key
            )
            return {"new_booking": booking_document(booking)}, intent, booking.status == "pending"

        async def intent_again(kept: dict[str, Any]) -> Intent | None:
            again = await queries.by_id(UUID(kept["new_booking"]["id"]))
            return await desk.intent_of(again.booking) if again else None

        return await answer_with_intent(database, key, 201, work, intent_again)

    return router


def _order(booking: Booking, body: RebookBody, caller: Caller, desk: BookingDesk) -> Order:
    contact = Contact(first_name=caller.first_name, last_name=caller.last_name, email=caller.email, phone=caller.phone)
    slot = WantedSlot(body.pickup_date, body.pickup_time, body.specific_pickup_hour).after(booking)
    return order_again(booking, slot, contact, body.special_instructions, desk.clock(), desk.timezone)


async def _book(
    desk: BookingDesk,
    queries: BookingQueries,
    database: Database,
    order: Callable[[], Order],
    key: IdempotencyKey | None,
) -> tuple[Booking, Intent | None]:
    """An earlier try may have booked and broken off; its booking stands, even if the same would be refused by now."""
    try:
        return await desk.book(order(), [], key, prefix="")
    except Refusal:
        earlier = await claimed_before(database, key)
        found = await queries.by_id(earlier) if earlier else None
        if found is None:
            raise
    return found.booking, await desk.intent_of(found.booking)
