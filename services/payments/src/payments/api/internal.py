"""What other services ask of payments."""

from fastapi import APIRouter
from shared.http import access
from shared.http.identity import Caller

from payments.api.schemas import IntentAnswer, IntentRequest
from payments.commands.record_booking import billable
from payments.commands.start_payment import StartPayment
from payments.errands.checkout import Checkout, OpenPayment


def routes(checkout: Checkout) -> APIRouter:
    """`/internal/payment-intents`."""
    router = APIRouter(prefix="/internal", tags=["internal"])

    @router.post(
        "/payment-intents",
        response_model=IntentAnswer,
        operation_id="open_payment_intent",
        summary="Open an intent for a booking",
    )
    async def open_payment_intent(wanted: IntentRequest, caller: Caller = access.service("booking")) -> IntentAnswer:
        """The booking's open intent for the purpose, or a new one. Safe to repeat at any time."""
        booking = billable(wanted.booking)
        return _answer(await checkout.open(StartPayment(booking.id, wanted.purpose, copy=booking)))

    return router


def _answer(opened: OpenPayment) -> IntentAnswer:
    intent = opened.intent
    return IntentAnswer(
        payment_id=opened.payment_id,
        payment_intent_id=intent.facts.id,
        client_secret=intent.client_secret,
        amount_cents=intent.facts.amount_cents,
        status=intent.facts.status,
    )
