"""What the tests of payments are made of: bookings as their owner tells them, and a buyer with a browser."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
from payments.adapters.stripe_library import StripeLibrary
from payments.adapters.tables import payments, refunds
from payments.commands.request_refund import CarryOutRefund
from payments.errands.make_intent import IntentMaker
from payments.errands.receipts import ReceiptErrands
from payments.errands.worker import StripeErrands
from shared.contracts.booking_state import Address, BookingState, Contact, PriceLines
from shared.contracts.payments import PaymentState
from shared.ids import new_id
from shared.stores import storage_from
from shared.testing.service import MovableClock, RunningService, a_service
from sqlalchemy import select, update
from stripe import WebhookSignature
from stripe_sandbox.receiver import Arrival, WebhookReceiver
from stripe_sandbox.testing import RunningSandbox

MANAGE_TOKEN = "manage-token"
TOTAL_CENTS = 24_900
PATIENCE_SECONDS = 60.0
_numbers = itertools.count(1)
_place = Address(address_line_1="1 Main St", city="New York", state="NY", zip_code="10001")


def a_booking(**changes: Any) -> BookingState:
    """A pending booking of 249 dollars."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    fields: dict[str, Any] = {
        "id": new_id(),
        "booking_number": f"TT-20261122-{next(_numbers):04d}",
        "version": 1,
        "status": "pending",
        "customer_id": None,
        "contact": Contact(first_name="Ada", last_name="Byron", email="ada@example.com", phone="+12125550123"),
        "service_type": "standard_delivery",
        "pickup_date": date(2026, 12, 1),
        "pickup_time": "morning",
        "window_start": now,
        "window_end": now,
        "pickup_address": _place,
        "delivery_address": _place,
        "prices": PriceLines(total_price_cents=TOTAL_CENTS),
        "catalog_version": 1,
        "manage_token_sha256": sha256(MANAGE_TOKEN.encode()).hexdigest(),
        "created_at": now,
    }
    return BookingState(**{**fields, **changes})


def later(booking: BookingState, **changes: Any) -> BookingState:
    """The booking at its next version."""
    return booking.model_copy(update={"version": booking.version + 1, **changes})


@dataclass
class Shop:
    """The service, Stripe beside it, and everything that people do with them."""

    service: RunningService
    sandbox: RunningSandbox
    receiver: WebhookReceiver

    async def open(self, booking: BookingState, purpose: str = "booking", **headers: str) -> httpx.Response:
        """Booking asks for an intent."""
        body = {"booking": booking.model_dump(mode="json"), "purpose": purpose}
        async with self.service.as_caller(a_service(), **headers) as client:
            return await client.post("/internal/payment-intents", json=body)

    async def intent(self, booking: BookingState, purpose: str = "booking") -> dict[str, Any]:
        """An intent that can be paid."""
        answer = await self.open(booking, purpose)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def pay(self, intent: dict[str, Any], card: str = "pm_card_visa") -> httpx.Response:
        """The buyer confirms the card in the browser, as Stripe.js does it."""
        url = f"{self.sandbox.api_base}/v1/payment_intents/{intent['payment_intent_id']}/confirm"
        form = {"payment_method": card, "client_secret": intent["client_secret"]}
        headers = {"Authorization": f"Bearer {self.sandbox.publishable_key}"}
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as browser:
            return await browser.post(url, data=form, headers=headers)

    async def confirm(self, intent: dict[str, Any]) -> httpx.Response:
        """The browser asks us how it went."""
        body = {"payment_intent_id": intent["payment_intent_id"], "client_secret": intent["client_secret"]}
        async with self.service.as_caller() as client:
            return await client.post("/api/payments/confirm/", json=body)

    async def deliver(self, arrival: Arrival) -> httpx.Response:
        """A webhook reaches us."""
        headers = {"Stripe-Signature": arrival.signature, "Content-Type": "application/json"}
        async with self.service.as_caller() as client:
            return await client.post("/api/payments/webhooks/stripe/", content=arrival.body, headers=headers)

    def webhooks(self, *kinds: str) -> Sequence[Arrival]:
        """The webhooks that Stripe sent, one of each of these types at least."""
        return [arrival for kind in kinds for arrival in self.receiver.arrivals(kind)]

    async def paid(self, booking: BookingState, card: str = "pm_card_visa") -> Any:
        """The row of a payment that succeeded."""
        intent = await self.intent(booking)
        await self.pay(intent, card)
        assert (await self.confirm(intent)).status_code == 200
        return await self.payment(booking)

    async def at_stripe(self, method: str, path: str, **form: str) -> dict[str, Any]:
        """Somebody does something at Stripe with the account's secret key, as in its dashboard."""
        headers = {"Authorization": f"Bearer {self.sandbox.secret_key}"}
        base = self.sandbox.api_base
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS) as stripe:
            answer = await stripe.request(method, path, data=form or None)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def request_refund(self, payment_id: UUID, amount_cents: int | None = None) -> UUID:
        """Booking wants money back; the request's id."""
        request_id = new_id()
        await self.repeat_refund(request_id, payment_id, amount_cents)
        return request_id

    async def repeat_refund(self, request_id: UUID, payment_id: UUID, amount_cents: int | None = None) -> None:
        """The same wish of booking's once more."""
        await self.service.commands.execute(CarryOutRefund(request_id, payment_id, amount_cents, "cancelled"))

    def later(self, **time: float) -> None:
        """Time passes for the service."""
        clock = self.service.platform.clock
        assert isinstance(clock, MovableClock)
        clock.now += timedelta(**time)

    async def make_checks_due(self) -> None:
        """As if the minute had passed after which the reconciler asks about a payment."""
        async with self.service.database.transaction() as connection:
            await connection.execute(update(payments).values(check_at=payments.c.created_at - timedelta(days=1)))

    async def make_due(self, booking: BookingState, minutes_ago: int) -> None:
        """As if the reconciler should have asked about the booking's payment a while ago."""
        due = self.service.platform.clock() - timedelta(minutes=minutes_ago)
        async with self.service.database.transaction() as connection:
            await connection.execute(update(payments).where(payments.c.booking_id == booking.id).values(check_at=due))

    async def payment_for(self, booking: BookingState, purpose: str) -> Any:
        """The booking's only payment for a purpose."""
        (payment,) = [payment for payment in await self.payments(booking) if payment.purpose == purpose]
        return payment

    async def proof(self) -> dict[str, Any]:
        """What operators are shown of the books; `ok` if all of it holds."""
        prove = self.service.parts.invariants
        assert prove is not None
        proof = await prove(self.service.platform.clock())
        return {**proof, "ok": all(check["ok"] for check in proof["checks"])}

    async def broken(self) -> list[str]:
        """The names of the checks of the money that do not hold."""
        proof = await self.proof()
        return [check["name"] for check in proof["checks"] if not check["ok"]]

    async def payments(self, booking: BookingState) -> list[Any]:
        """All of the booking's payments, oldest first."""
        chosen = select(payments).where(payments.c.booking_id == booking.id).order_by(payments.c.created_at)
        return await self.service.database.fetch_all(chosen)

    async def payment(self, booking: BookingState) -> Any:
        """The booking's only payment."""
        (payment,) = await self.payments(booking)
        return payment

    async def refunds(self) -> list[Any]:
        """All refunds, oldest first."""
        return await self.service.database.fetch_all(select(refunds).order_by(refunds.c.created_at))

    async def work(self) -> None:
        """The worker does its errands at Stripe, each loop once."""
        errands = self.errands
        for turn in (errands.webhooks, errands.refunds, errands.cancellations, errands.detachments):
            await turn()

    async def issue(self) -> None:
        """The worker issues and stores the documents that are due."""
        settings, platform = self.service.platform.settings, self.service.platform
        storage = storage_from(settings, "/api/payments/files/")
        errands = ReceiptErrands(self.service.commands, platform.database, storage, platform.clock, settings.timezone)
        while await errands.turn():
            pass

    @property
    def errands(self) -> StripeErrands:
        """The worker's errands, with the service's own parts."""
        platform = self.service.platform
        gateway = next(part for part in self.service.parts.resources if isinstance(part, StripeLibrary))
        maker = IntentMaker(self.service.commands, gateway, platform.clock)
        return StripeErrands(self.service.commands, platform.database, gateway, maker, platform.clock)

    async def told(self) -> list[str]:
        """The types of all events recorded so far, in order."""
        return [event.type for event in await self.service.events()]

    async def states(self) -> list[PaymentState]:
        """What the payment events told, in order."""
        events = await self.service.events()
        return [event.payment for event in events if event.aggregate == "payment"]  # type: ignore[attr-defined]


def signed(shop: Shop, body: bytes, age_seconds: int = 0) -> Arrival:
    """A webhook as Stripe would have sent it some time ago."""
    stamp = int(time.time()) - age_seconds
    header = WebhookSignature.generate_signature_header(body.decode(), shop.sandbox.webhook_secret, stamp)
    return Arrival(body, header, {})
