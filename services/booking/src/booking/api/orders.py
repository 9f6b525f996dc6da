"""Booking a move, as a guest and as a customer."""

from typing import Any

from fastapi import APIRouter, Request, Response
from shared.db.engine import Database
from shared.errors import Refusal
from shared.http import access
from shared.http.answers import REPLAYED, answer, answer_again, refusal_document
from shared.http.idempotency import (
    IdempotencyKey,
    OptionalKey,
    StoredAnswer,
    claimed_before,
    complete,
    once,
    remember_refusal,
)
from shared.http.identity import Caller

from booking.adapters.intents import Intent
from booking.api.intent_answers import with_intent, with_secret
from booking.api.models import BookedAnswer
from booking.api.order_bodies import CustomerOrderBody, GuestOrderBody, address_problems
from booking.api.presenting import booking_document
from booking.commands.book_move import BookingDesk
from booking.domain.booking import Booking
from booking.domain.move import Problem
from booking.domain.opening import Order
from booking.domain.quotes import PriceChanged, QuoteMismatch
from booking.queries.bookings import BookingQueries

Taken = tuple[Booking, Intent | None]


def order_routes(desk: BookingDesk, queries: BookingQueries, database: Database) -> APIRouter:
    """The two ways to book."""
    router = APIRouter(tags=["Bookings"])
    counter = OrderCounter(desk, queries, database)

    @router.post(
        "/api/bookings/guest-booking/",
        status_code=201,
        response_model=BookedAnswer,
        response_model_exclude_unset=True,
        summary="Book a move without an account",
    )
    async def book_as_guest(
        body: GuestOrderBody, request: Request, key: OptionalKey, caller: Caller = access.anyone()
    ) -> Response:
        """The booking, a payment intent to pay it with, and the token that manages it."""
        return await counter.take(body.order(), address_problems(body.addresses), key, request.url.path)

    @router.post(
        "/api/customers/bookings/create/",
        status_code=201,
        response_model=BookedAnswer,
        response_model_exclude_unset=True,
        summary="Book a move",
    )
    async def book_as_customer(
        body: CustomerOrderBody, request: Request, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """As for guests; the customer's profile says who books."""
        return await counter.take(body.order(caller), address_problems(body.addresses), key, request.url.path)

    return router


class OrderCounter:
    """Takes orders once per idempotency key and answers them."""

    def __init__(self, desk: BookingDesk, queries: BookingQueries, database: Database) -> None:
        self._desk = desk
        self._queries = queries
        self._database = database

    async def take(self, order: Order, problems: list[Problem], key: IdempotencyKey | None, path: str) -> Response:
        """The answer to an order: that of the first try, if its key was answered before."""
        try:
            taken, before = await once(self._database, key, lambda: self.book(order, problems, key))
        except (QuoteMismatch, PriceChanged) as refusal:
            status, document = refusal_document(refusal, path)
            await remember_refusal(self._database, key, status, document)
            return answer(document, status)
        if before is not None:
            return await self._again(before)
        booking, intent = taken
        kept = with_intent({"booking": booking_document(booking)}, intent, booking.status == "pending")
        await complete(self._database, key, 201, kept)
        return answer(self._with_secrets(kept, booking, intent), 201)

    async def book(self, order: Order, problems: list[Problem], key: IdempotencyKey | None) -> Taken:
        """An earlier try may have booked and broken off; its booking stands, even if its quote is over by now."""
        try:
            return await self._desk.book(order, problems, key)
        except Refusal:
            earlier = await claimed_before(self._database, key)
            found = await self._queries.by_id(earlier) if earlier else None
            if found is None:
                raise
        return found.booking, await self._desk.intent_of(found.booking)

    async def _again(self, before: StoredAnswer) -> Response:
        """The first answer with its secrets got anew: the intent from payments, the token from the booking's id."""
        found = await self._queries.by_id(before.resource_id) if before.resource_id else None
        if found is None:
            return answer_again(before)
        intent = await self._desk.intent_of(found.booking)
        return answer(self._with_secrets(before.body, found.booking, intent), before.status, REPLAYED)

    def _with_secrets(self, kept: dict[str, Any], booking: Booking, intent: Intent | None) -> dict[str, Any]:
        return {**with_secret(kept, intent), "manage_token": self._desk.token_of(booking.id)}
