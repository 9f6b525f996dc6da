"""Those who book: a guest, and a customer with an account. Both do it through the gateway, as a browser does."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.testing.waiting import NeverHappened, wait_until

from devstack.demo.broken import PromiseBroken
from devstack.demo.browser import Browser
from devstack.demo.moves import Move
from devstack.demo.stage import Stage
from devstack.demo.trace import trace_id_of

PAID_WITHIN_SECONDS = 20.0
PASSWORD = "eleven blue vans at noon"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking made; `key` is the Idempotency-Key it was made with, `trace_id` the trace of that request.

    `asked_at` and `answered_at` are when the browser sent the order and had the answer.
    """

    id: str
    number: str
    total_cents: int
    intent: dict[str, Any]
    manage_token: str
    key: str
    order: dict[str, Any]
    trace_id: str
    asked_at: datetime
    answered_at: datetime


class Person:
    """Somebody with a browser."""

    booking_path = "/api/bookings/guest-booking/"

    def __init__(self, first_name: str, last_name: str, gateway_url: str, stage: Stage) -> None:
        """Nobody has heard of this e-mail address before."""
        self.first_name, self.last_name = first_name, last_name
        self.email = f"{first_name}.{last_name}.{secrets.token_hex(4)}@example.com".lower()
        self.browser = Browser(gateway_url, stage)

    def quote(self, move: Move) -> dict[str, Any]:
        """The price, with the token that keeps it."""
        return dict(self.browser.post("/api/bookings/pricing-preview/", move.preview()))

    def book(self, move: Move, quote: dict[str, Any]) -> Booked:
        """Book for the quoted price. Raises PromiseBroken if it is another one."""
        order, key = move.order(quote["quote_token"]) | self.introduction(), f"demo-{secrets.token_hex(12)}"
        answer, asked_at = self.browser.post(self.booking_path, order, key, expected=201), self.browser.last_asked_at
        booking, intent = answer["booking"], answer["payment_intent"]
        if intent is None:
            raise PromiseBroken(f"Booking {booking['booking_number']} came without a payment intent.")
        if not booking["total_price_cents"] == intent["amount_cents"] == quote["total_price_cents"]:
            raise PromiseBroken(f"Booking {booking['booking_number']} does not cost what was quoted.")
        return Booked(
            id=booking["id"],
            number=booking["booking_number"],
            total_cents=booking["total_price_cents"],
            intent=intent,
            manage_token=answer["manage_token"],
            key=key,
            order=order,
            trace_id=trace_id_of(self.browser.last_headers.get("traceparent", "")),
            asked_at=asked_at,
            answered_at=datetime.now(UTC),
        )

    def introduction(self) -> dict[str, Any]:
        """What a guest says of themselves in an order."""
        names = {"first_name": self.first_name, "last_name": self.last_name}
        return {"customer_info": names | {"email": self.email, "phone": "+12125550123"}}

    def status(self, booked: Booked) -> str:
        """How the booking stands, as its holder sees it."""
        path = f"/api/bookings/booking-status/{booked.number}/?token={booked.manage_token}"
        return str(self.browser.get(path)["status"])

    def await_paid(self, booked: Booked) -> None:
        """Look again and again until the booking is paid. Raises PromiseBroken if it does not become so."""
        try:
            wait_until(lambda: self.status(booked) == "paid", PAID_WITHIN_SECONDS, f"{booked.number} to be paid")
        except NeverHappened as reason:
            raise PromiseBroken(str(reason)) from None


class Customer(Person):
    """Somebody with an account."""

    booking_path = "/api/customers/bookings/create/"

    def register(self) -> None:
        """Open the account; the answer logs in."""
        names = {"first_name": self.first_name, "last_name": self.last_name, "phone": "+12125550124"}
        body = {"email": self.email, "password": PASSWORD} | names
        self.browser.post("/api/customers/auth/register/", body, expected=201)

    def introduction(self) -> dict[str, Any]:
        """A customer's profile says who they are."""
        return {}

    def status(self, booked: Booked) -> str:
        """How the booking stands, as its owner sees it."""
        return str(self.browser.get(f"/api/customers/bookings/{booked.id}/")["booking_details"]["status"])

    def book_twice(self, booked: Booked) -> bool:
        """Send the order of a booking again, as after a lost answer; whether the first booking came back."""
        answer = self.browser.post(self.booking_path, booked.order, booked.key, expected=201)
        return bool(answer["booking"]["id"] == booked.id)

    def await_counted(self, bookings: int, cents: int) -> None:
        """Wait until the account counts its paid bookings, each once. Raises PromiseBroken."""

        def counted() -> bool:
            stats = self.browser.get("/api/customers/profile/")["booking_stats"]
            return (stats["total_bookings"], stats["total_spent_cents"]) == (bookings, cents)

        try:
            wait_until(counted, PAID_WITHIN_SECONDS, f"{bookings} paid bookings to be counted once each")
        except NeverHappened as reason:
            raise PromiseBroken(str(reason)) from None
