"""The way out for what waits for people: parked payments and parked webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, StringConstraints
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Body, Text, example
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from payments.adapters.stripe_gateway import StripeGateway
from payments.api.keyed import Keyed
from payments.api.present import payment_summary
from payments.api.schemas import PaymentSummary
from payments.commands.receive_stripe_event import ResolveStripeEvent
from payments.commands.resolve_payment import ResolvePayment, Way
from payments.domain.facts import IntentFacts
from payments.errands.present_intent import present_intent
from payments.queries.payments import booking_by_id, get_payment
from payments.queries.webhooks import find_webhooks

Reason = Annotated[Text, StringConstraints(min_length=1, max_length=500)]
WebhookId = Annotated[str, Path(pattern=r"^evt_[A-Za-z0-9_]{1,200}$")]


class Resolution(Body, json_schema_extra=example({"action": "refund", "reason": "The amount was another one."})):
    """`retry` compares with Stripe once more at once, `refund` gives back all that came in, `dismiss` says that people
    have settled it at Stripe: the payment has failed, and stays so whatever Stripe tells of it."""

    action: Way
    reason: Reason


class WebhookResolution(Body, json_schema_extra=example({"action": "retry", "reason": "The cause is repaired."})):
    """`retry` applies it once more, `drop` puts it away for good."""

    action: Literal["retry", "drop"]
    reason: Reason


class Webhook(BaseModel):
    """A webhook of Stripe's as it was stored."""

    id: str
    type: str
    state: str
    tries: int
    error: str
    received_at: datetime


class WebhookPage(BaseModel):
    """A page of webhooks."""

    results: list[Webhook]
    count: int
    next: str | None
    previous: str | None


class Resolved(BaseModel):
    """What was done, as a sentence."""

    message: str


def payments(commands: Commands, database: Database, gateway: StripeGateway) -> APIRouter:
    """`/api/staff/payments/{id}/resolve/`."""
    router = APIRouter(prefix="/api/staff", tags=["Staff: payments"])

    @router.post(
        "/payments/{payment_id}/resolve/",
        response_model=PaymentSummary,
        operation_id="resolve_payment",
        summary="Resolve a parked payment",
    )
    async def resolve(
        request: Request,
        payment_id: UUID,
        wanted: Resolution,
        key: OptionalKey,
        caller: Caller = access.staff("refund_payments"),
    ) -> Response:
        """What becomes of a payment whose success at Stripe was not the one asked for."""

        async def work() -> dict[str, Any]:
            facts = None if wanted.action == "dismiss" else await _facts_of(database, gateway, payment_id)
            payment = await commands.execute(
                ResolvePayment(payment_id, wanted.action, wanted.reason, caller, facts, key)
            )
            return payment_summary(payment, (await booking_by_id(database, payment.booking_id)).email)

        return await Keyed(database, request, key).answer(work)

    return router


def webhooks(commands: Commands, database: Database) -> APIRouter:
    """`/api/staff/stripe-events/…`."""
    router = APIRouter(prefix="/api/staff", tags=["Staff: payments"])

    @router.get(
        "/stripe-events/", response_model=WebhookPage, operation_id="list_webhooks", summary="List Stripe's webhooks"
    )
    async def list_webhooks(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        state: Literal["waiting", "applied", "ignored", "parked"] = "parked",
        caller: Caller = access.staff("refund_payments"),
    ) -> dict[str, Any]:
        """Webhooks in a state, newest first; those that wait for people unless told otherwise."""
        rows, count = await find_webhooks(database, state, page)
        return paged(request, page, rows, count)

    @router.post(
        "/stripe-events/{event_id}/resolve/",
        response_model=Resolved,
        operation_id="resolve_webhook",
        summary="Retry or drop a parked webhook",
    )
    async def resolve_webhook(
        event_id: WebhookId, wanted: WebhookResolution, caller: Caller = access.staff("refund_payments")
    ) -> dict[str, str]:
        """Applies it once more, or puts it away for good."""
        drop = wanted.action == "drop"
        await commands.execute(ResolveStripeEvent(event_id, drop, wanted.reason, caller))
        return {"message": "Dropped." if drop else "It is being tried again."}

    return router


async def _facts_of(database: Database, gateway: StripeGateway, payment_id: UUID) -> IntentFacts | None:
    payment = await get_payment(database, payment_id)
    if payment.intent_id is None:
        return None
    return (await present_intent(gateway, payment.intent_id)).facts
