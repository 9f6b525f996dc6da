"""Where Stripe tells us what happened."""

import logging

from fastapi import APIRouter, Request, Response
from shared.commands import Commands
from shared.errors import Refusal
from shared.http import access
from shared.http.identity import Caller
from shared.telemetry import meter
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from payments.adapters.stripe_gateway import StripeGateway
from payments.api.schemas import EventReceived
from payments.commands.receive_stripe_event import ReceiveStripeEvent
from payments.domain.errors import WrongSignature
from payments.domain.facts import IntentFacts, StripeEvent

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024
RECEIVED = b'{"received":true}'

_received = meter.create_counter("stripe.webhooks", description="Webhooks received, by what became of them")


class BodyTooLarge(Refusal):
    """No event of Stripe's is that large."""

    code = "content_too_large"
    message = "The body is too large."
    status = 413


def routes(commands: Commands, gateway: StripeGateway) -> APIRouter:
    """`/api/payments/webhooks/stripe/`."""
    router = APIRouter(prefix="/api/payments/webhooks", tags=["Webhooks"])

    @router.post(
        "/stripe/",
        response_model=EventReceived,
        operation_id="receive_stripe_webhook",
        summary="Stripe tells what happened",
    )
    async def receive(request: Request, caller: Caller = access.anyone()) -> Response:
        """Stored before it is acknowledged; repeated, late and foreign events are acknowledged too."""
        body = await request.body()
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge()
        event = _verified(gateway, body, request.headers.get("stripe-signature", ""))
        outcome = "unheard" if event is None else await _take_in(commands, event)
        _received.add(1, {"outcome": outcome})
        return Response(RECEIVED, media_type="application/json")

    return router


def _verified(gateway: StripeGateway, body: bytes, signature: str) -> StripeEvent | None:
    """The event, null if it is of no interest. What is wrongly signed is counted: a wrong secret refuses all."""
    try:
        return gateway.verify_event(body, signature)
    except WrongSignature:
        _received.add(1, {"outcome": "wrong_signature"})
        raise


async def _take_in(commands: Commands, event: StripeEvent) -> str:
    """A final intent is applied with the storing, in one transaction: the payer waits for exactly this.

    Should that fail, it is stored alone and the worker applies it, as it does with every other event.
    """
    if isinstance(event.facts, IntentFacts) and event.facts.is_final:
        try:
            return str(await commands.execute(ReceiveStripeEvent(event, apply=True)))
        except (OperationalError, PoolTimeout) as error:
            log.warning("webhook not applied at once", extra={"event_id": event.id, "error": type(error).__name__})
        except Exception:  # whatever is wrong with applying it, Stripe's word must not be lost
            log.exception("webhook not applied at once", extra={"event_id": event.id})
    return str(await commands.execute(ReceiveStripeEvent(event)))
