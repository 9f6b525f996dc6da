"""What browsers ask of payments: an intent to pay, whether it was paid, how the payment stands."""

import hmac
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller

from payments.adapters.stripe_gateway import Intent, StripeGateway
from payments.api.arriving import booking_or_wait
from payments.api.keyed import Keyed
from payments.api.present import booking_status, may_see, payment_status
from payments.api.schemas import (
    Confirmation,
    ConfirmPayment,
    CreatedIntent,
    CreateIntent,
    PaymentStatusAnswer,
)
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.start_payment import StartPayment
from payments.domain.booking import BillableBooking
from payments.domain.errors import BookingNotFound, PaymentNotFound
from payments.domain.payment import Payment
from payments.errands.checkout import Checkout
from payments.errands.present_intent import present_intent
from payments.queries.payments import booking_by_id, booking_by_number, latest_payment, payment_of_intent, sums_of


def routes(
    commands: Commands, database: Database, gateway: StripeGateway, checkout: Checkout, clock: Clock
) -> APIRouter:
    """`/api/payments/…` without the webhook."""
    router = APIRouter(prefix="/api/payments", tags=["Payments"])
    _add_create_intent(router, database, checkout, clock)
    _add_reads(router, commands, database, gateway)
    return router


def _add_create_intent(router: APIRouter, database: Database, checkout: Checkout, clock: Clock) -> None:
    @router.post(
        "/create-intent/",
        response_model=CreatedIntent,
        operation_id="create_payment_intent",
        summary="Get an intent to pay",
    )
    async def create_intent(
        request: Request, wanted: CreateIntent, key: OptionalKey, caller: Caller = access.anyone()
    ) -> Response:
        """An intent for the booking's total due; one that is still open is returned again."""
        booking = await _booking_of(database, wanted, clock())

        async def work() -> dict[str, Any]:
            opened = await checkout.open(StartPayment(booking.id, expected_cents=wanted.amount_cents, key=key))
            return _created(opened.intent)

        async def secret_again(answer: dict[str, Any]) -> str:
            return await checkout.secret_of(answer["payment_intent_id"])

        return await Keyed(database, request, key).answer(work, "client_secret", secret_again)


def _add_reads(router: APIRouter, commands: Commands, database: Database, gateway: StripeGateway) -> None:
    @router.post(
        "/confirm/", response_model=Confirmation, operation_id="confirm_payment", summary="Ask whether it is paid"
    )
    async def confirm(wanted: ConfirmPayment, caller: Caller = access.anyone()) -> Confirmation:
        """Asks Stripe how the payment stands. Safe to repeat, and harmless if the webhook was first.

        `booking_status` is "paid" as soon as the payment succeeded for a booking that is neither cancelled nor expired,
        even if booking's own event about it is still on its way: that follows without exception, and a customer who
        has just paid must not read "pending".
        """
        payment = await _payment_to_confirm(database, caller, wanted)
        intent = await present_intent(gateway, wanted.payment_intent_id)
        if wanted.client_secret is not None and not _same(wanted.client_secret, intent.client_secret):
            raise PaymentNotFound()
        applied = await commands.execute(ApplyPaymentIntent(intent.facts))
        booking = await booking_by_id(database, payment.booking_id)
        now = applied.payment
        return Confirmation(payment_status=now.public_status, booking_status=booking_status(booking, now))

    @router.get(
        "/status/{booking_number}/",
        response_model=PaymentStatusAnswer,
        operation_id="get_payment_status",
        summary="How a payment stands",
    )
    async def status(
        booking_number: str,
        token: Annotated[str, Query(max_length=200)] = "",
        caller: Caller = access.anyone(),
    ) -> dict[str, Any]:
        """How the booking's payment stands, for the holder of its manage token, its customer, or staff."""
        booking = await booking_by_number(database, booking_number)
        if not (may_see(caller, booking) or booking.holds(token)):
            raise BookingNotFound()
        return payment_status(booking, await latest_payment(database, booking.id), await sums_of(database, booking.id))


async def _booking_of(database: Database, wanted: CreateIntent, now: datetime) -> BillableBooking:
    if wanted.booking_id is not None:
        return await booking_or_wait(database, wanted.booking_id, now)
    booking = await booking_by_number(database, wanted.booking_number or "")
    if not booking.holds(wanted.manage_token or ""):
        raise BookingNotFound()
    return booking


def _created(intent: Intent) -> dict[str, Any]:
    return {
        "client_secret": intent.client_secret,
        "payment_intent_id": intent.facts.id,
        "amount_cents": intent.facts.amount_cents,
    }


async def _payment_to_confirm(database: Database, caller: Caller, wanted: ConfirmPayment) -> Payment:
    """The payment, for whoever may ask. An anonymous guess learns nothing about which intents exist.

    Whose it is, its booking says: a guest's may have come to a customer after the payment was begun.
    """
    if wanted.client_secret is None and caller.kind not in ("customer", "staff"):
        raise Invalid({"client_secret": ["This field is required."]})
    payment = await payment_of_intent(database, wanted.payment_intent_id)
    if wanted.client_secret is None and caller.kind == "customer":
        booking = await booking_by_id(database, payment.booking_id)
        if caller.id != booking.customer_id:
            raise PaymentNotFound()
    return payment


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
