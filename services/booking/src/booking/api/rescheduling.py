"""Moving a booking to another day: for its customer, for the holder of its manage token, and for staff."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from shared.audit import member_of
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.money import dollars

from booking.adapters.intents import Intent
from booking.api.holders import TokenQuery, found_by_number, require_holder
from booking.api.intent_answers import Parts, answer_with_intent
from booking.api.presenting import booking_document
from booking.api.reschedule_models import HolderSlotBody, RescheduleAnswer, SlotBody, StaffSlotBody
from booking.commands.reschedule_booking import Rescheduling
from booking.commands.reschedule_desk import RescheduleDesk, Wish
from booking.domain.booking import Actor
from booking.domain.price_documents import pricing_document
from booking.queries.bookings import BookingQueries


def reschedule_routes(desk: RescheduleDesk, queries: BookingQueries, database: Database) -> APIRouter:
    """The three ways to another day."""
    router = APIRouter()
    _add_customers(router, desk, queries, database)
    _add_holders(router, desk, queries, database)
    _add_staffs(router, desk, database)
    return router


def _add_customers(router: APIRouter, desk: RescheduleDesk, queries: BookingQueries, database: Database) -> None:
    @router.post(
        "/api/customers/bookings/{booking_id}/reschedule/",
        response_model=RescheduleAnswer,
        response_model_exclude_unset=True,
        tags=["My bookings"],
        summary="Move one of my bookings to another day",
    )
    async def reschedule_my_booking(
        booking_id: UUID,
        body: SlotBody,
        key: OptionalKey,
        preview: bool = False,
        caller: Caller = access.customer(),
    ) -> Response:
        """The difference is refunded or to be paid; with `?preview=true` only says what the change costs."""
        customer_id = caller.require_customer()
        if await queries.of_customer(booking_id, customer_id) is None:
            raise NotFound()
        return await _changed(desk, database, booking_id, Wish(Actor("customer", customer_id), body.slot, preview, key))


def _add_holders(router: APIRouter, desk: RescheduleDesk, queries: BookingQueries, database: Database) -> None:
    @router.post(
        "/api/bookings/booking-status/{booking_number}/reschedule/",
        response_model=RescheduleAnswer,
        response_model_exclude_unset=True,
        tags=["Bookings"],
        summary="Move a booking to another day with the manage token",
    )
    async def reschedule_by_token(
        booking_number: str,
        body: HolderSlotBody,
        key: OptionalKey,
        token: TokenQuery = None,
        preview: bool = False,
        caller: Caller = access.anyone(),
    ) -> Response:
        """The difference is refunded or to be paid; with `?preview=true` only says what the change costs."""
        found = await found_by_number(queries, booking_number)
        require_holder(found, body.manage_token or token or "", None)
        actor = Actor("guest", found.booking.customer_id)
        return await _changed(desk, database, found.booking.id, Wish(actor, body.slot, preview, key))


def _add_staffs(router: APIRouter, desk: RescheduleDesk, database: Database) -> None:
    @router.post(
        "/api/staff/bookings/{booking_id}/reschedule/",
        response_model=RescheduleAnswer,
        response_model_exclude_unset=True,
        tags=["Staff: bookings"],
        summary="Move a booking to another day",
    )
    async def reschedule_booking(
        booking_id: UUID,
        body: StaffSlotBody,
        key: OptionalKey,
        preview: bool = False,
        caller: Caller = access.staff("manage_bookings"),
    ) -> Response:
        """As for customers; staff may waive the fee, and overbook a full day if they say why."""
        staff = member_of(caller)
        wish = Wish(
            Actor("staff", staff.id),
            body.slot,
            preview,
            key,
            staff,
            body.reason,
            body.overbook_reason,
            body.waive_fee,
        )
        return await _changed(desk, database, booking_id, wish)


async def _changed(desk: RescheduleDesk, database: Database, booking_id: UUID, wish: Wish) -> Response:
    if wish.preview:
        return answer({"preview": True, **_document(await desk.change(booking_id, wish))})

    async def work() -> Parts:
        done = await desk.change(booking_id, wish)
        rest = {"updated_booking": booking_document(done.booking), **_document(done)}
        return rest, await desk.intent_of(done.booking), done.due_cents > 0

    async def intent_again(_: dict[str, Any]) -> Intent | None:
        return await desk.intent_again(booking_id)

    return await answer_with_intent(database, wish.key, 200, work, intent_again)


def _document(done: Rescheduling) -> dict[str, Any]:
    booking = done.booking
    return {
        "change": {
            "new_total_cents": booking.total_price_cents,
            "new_total_dollars": dollars(booking.total_price_cents),
            "difference_cents": done.difference_cents,
            "fee_cents": done.fee_cents,
            "refund_cents": done.refund_cents,
            "due_cents": done.due_cents,
        },
        "pricing": pricing_document(booking.prices, booking.price_detail),
    }
