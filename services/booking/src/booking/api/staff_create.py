"""Booking for somebody who called."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict
from shared.audit import member_of
from shared.commands import Commands
from shared.contracts.booking_state import Contact
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.answers import answer, answered_once, refusal_document
from shared.http.fields import Flag
from shared.http.idempotency import IdempotencyKey, OptionalKey, remember_refusal
from shared.http.identity import Caller
from shared.money import dollars

from booking.api.fields import Cents, Reason
from booking.api.order_bodies import GUEST_ORDER, AddressesBody, CustomerInfoBody, OrderBody, address_problems, order_of
from booking.api.orders import OrderCounter
from booking.api.presenting import booking_document, updated_document
from booking.api.staff_models import StaffBookedAnswer, UpdatedAnswer
from booking.commands.book_move import BookingDesk
from booking.commands.send_payment_link import SendPaymentLink
from booking.domain.booking import Booking
from booking.domain.opening import Order
from booking.domain.quotes import PriceChanged, QuoteMismatch
from booking.domain.staff_terms import StaffTerms
from booking.queries.bookings import BookingQueries
from booking.queries.customer_contacts import contact_of

_EXAMPLE: dict[str, Any] = {
    **GUEST_ORDER,
    "price_override_cents": 90000,
    "price_override_reason": "Second move this month.",
}


class StaffOrderBody(OrderBody):
    """An order by phone: for a customer (`customer_id`) or for a guest (`customer_info`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    customer_id: UUID | None = None
    customer_info: CustomerInfoBody | None = None
    addresses: AddressesBody
    price_override_cents: Cents | None = None
    price_override_reason: Reason = ""
    overbook_reason: Reason = ""
    notify: Flag = True

    def check(self) -> None:
        """Raises `Invalid` unless it says who it is for, and why another price is right."""
        errors: dict[str, list[str]] = {}
        if (self.customer_id is None) == (self.customer_info is None):
            errors["customer_info"] = ["Give either customer_id or customer_info."]
        if self.price_override_cents is not None and not self.price_override_reason:
            errors["price_override_reason"] = ["Tell why the price is another."]
        if self.price_override_cents is None and self.price_override_reason:
            errors["price_override_cents"] = ["Tell which price was agreed on."]
        if errors:
            raise Invalid(errors)

    def terms(self, caller: Caller) -> StaffTerms:
        """The terms of the member of staff who calls; raises `Forbidden` if they may not set prices and do."""
        if self.price_override_cents is not None:
            caller.require_staff("override_price")
        return StaffTerms(
            caller.require_staff(),
            caller.ip,
            caller.ua,
            self.price_override_cents,
            self.price_override_reason,
            self.notify,
        )


def staff_create_routes(
    desk: BookingDesk, queries: BookingQueries, commands: Commands, database: Database
) -> APIRouter:
    """Bookings by phone, and the link to pay them."""
    router = APIRouter(prefix="/api/staff/bookings", tags=["Staff: bookings"])
    phone = _PhoneCounter(OrderCounter(desk, queries, database), database)

    @router.post("/create/", status_code=201, response_model=StaffBookedAnswer, summary="Book for somebody who called")
    async def book_for_customer(
        body: StaffOrderBody, request: Request, key: OptionalKey, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """The booking. Its customer is told by e-mail how to pay, unless `notify` is false.

        The price is the catalogue's, or the one that was agreed on (needs `override_price` and a reason). The booking
        waits three days for its payment.
        """
        terms = body.terms(caller)
        body.check()
        return await phone.take(await _order(body, terms, database), body, key, request.url.path)

    @router.post("/{booking_id}/payment-link/", response_model=UpdatedAnswer, summary="Send the link to pay again")
    async def send_payment_link(
        booking_id: UUID, key: OptionalKey, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """The booking, whose customer gets the message with the link to pay once more; 409 if nothing is to be paid."""

        async def work() -> dict[str, Any]:
            return updated_document(await commands.execute(SendPaymentLink(booking_id, member_of(caller), key)))

        return await answered_once(database, key, work)

    return router


class _PhoneCounter:
    """Takes orders by phone once per idempotency key."""

    def __init__(self, counter: OrderCounter, database: Database) -> None:
        self._counter = counter
        self._database = database

    async def take(self, order: Order, body: StaffOrderBody, key: IdempotencyKey | None, path: str) -> Response:
        """The answer to an order: that of the first try, if its key was answered before."""
        problems = address_problems(body.addresses)

        async def work() -> dict[str, Any]:
            booking, _ = await self._counter.book(order, problems, key)
            return _document(booking, body.notify)

        try:
            return await answered_once(self._database, key, work, 201)
        except (QuoteMismatch, PriceChanged) as refusal:
            status, problem = refusal_document(refusal, path)
            await remember_refusal(self._database, key, status, problem)
            return answer(problem, status)


async def _order(body: StaffOrderBody, terms: StaffTerms, database: Database) -> Order:
    contact = await _contact(body, database)
    order = order_of(body, body.addresses, contact, body.customer_id)
    return replace(order, staff=terms, overbook_reason=body.overbook_reason)


async def _contact(body: StaffOrderBody, database: Database) -> Contact:
    if body.customer_info is not None:
        return Contact.model_construct(**vars(body.customer_info))
    assert body.customer_id is not None, "checked before"
    known = await contact_of(database, body.customer_id)
    if known is None:
        raise Invalid({"customer_id": ["There is no such customer."]})
    return known


def _document(booking: Booking, notify: bool) -> dict[str, Any]:
    listed = booking.total_price_cents - booking.prices["price_override_cents"]
    return {
        "booking": {**booking_document(booking), "customer_id": booking.customer_id},
        "list_price_cents": listed,
        "list_price_dollars": dollars(listed),
        "payment_link_sent": notify and booking.status == "pending",
    }
