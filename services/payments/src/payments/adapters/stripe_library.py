"""The gateway to Stripe through its official library: the one place that imports it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import orjson
import stripe
from shared.context import remaining_seconds
from shared.errors import Invalid
from shared.telemetry import meter, tracer

from payments.adapters.stripe_facts import event_facts, intent_facts, refund_facts
from payments.adapters.stripe_gateway import Intent, IntentOrder, StripeRefused, StripeUnknown
from payments.domain.errors import WrongSignature
from payments.domain.facts import APP, EVENT_TYPES, IntentFacts, RefundFacts, StripeEvent

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_CALL_SECONDS = 8.0
RESERVE_SECONDS = 0.5
"""Kept back from what remains of the request, so that we and not our caller decide what a silence means."""

SIGNATURE_TOLERANCE_SECONDS = 300
_CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)
_ANSWERED_FOR_GOOD = (400, 402, 404)

_failures = meter.create_counter("stripe.failures", description="Calls to Stripe whose effect is unknown")


class StripeLibrary:
    """See `StripeGateway`. No call is repeated here: whoever called decides what silence means."""

    def __init__(self, api_base: str, secret_key: str, webhook_secrets: tuple[str, ...]) -> None:
        self._api_base = api_base
        self._secret_key = secret_key
        self._webhook_secrets = webhook_secrets
        self._http: Any = None
        self._client: stripe.StripeClient | None = None

    async def start(self) -> None:
        """Opens the pool of connections."""
        timeout = aiohttp.ClientTimeout(total=LONGEST_CALL_SECONDS, sock_connect=2)
        self._http = stripe.AIOHTTPClient(timeout=timeout)
        self._client = stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_base},
            stripe_version=stripe.api_version,
            max_network_retries=0,
            http_client=self._http,
        )

    async def stop(self) -> None:
        """Closes the pool."""
        await self._http.close_async()

    @property
    def _v1(self) -> Any:
        assert self._client is not None, "start() comes first"
        return self._client.v1

    async def create_intent(self, order: IntentOrder, key: str) -> Intent:
        params = {
            "amount": order.amount_cents,
            "currency": order.currency,
            "payment_method_types": ["card"],
            "description": f"Booking {order.booking_number}",
            "metadata": {
                "app": APP,
                "payment_id": str(order.payment_id),
                "booking_id": str(order.booking_id),
                "booking_number": order.booking_number,
                "purpose": order.purpose,
            },
        }
        create = self._v1.payment_intents.create_async
        return _intent(await self._ask("create intent", lambda: create(params, {"idempotency_key": key})))

    async def retrieve_intent(self, intent_id: str) -> Intent:
        retrieve = self._v1.payment_intents.retrieve_async
        return _intent(await self._ask("retrieve intent", lambda: retrieve(intent_id)))

    async def cancel_intent(self, intent_id: str) -> IntentFacts:
        cancel = self._v1.payment_intents.cancel_async
        params = {"cancellation_reason": "abandoned"}
        return intent_facts((await self._ask("cancel intent", lambda: cancel(intent_id, params))).to_dict())

    async def find_intent(self, payment_id: UUID, since: datetime, until: datetime) -> IntentFacts | None:
        # Stripe's search lags behind by up to a minute, so it could not prove an absence; its lists can.
        window = {"gte": _unix(since - _CLOCKS_MAY_DIFFER_BY), "lte": _unix(until + _CLOCKS_MAY_DIFFER_BY)}

        async def look() -> Any:
            intents = await self._v1.payment_intents.list_async({"created": window, "limit": 100})
            async for intent in intents.auto_paging_iter():
                facts = intent_facts(intent.to_dict())
                if facts.payment_id == payment_id:
                    return facts
            return None

        found: IntentFacts | None = await self._ask("find intent", look)
        return found

    async def create_refund(self, refund_id: UUID, intent_id: str, amount_cents: int, key: str) -> RefundFacts:
        params = {
            "payment_intent": intent_id,
            "amount": amount_cents,
            "metadata": {"app": APP, "refund_id": str(refund_id)},
        }
        create = self._v1.refunds.create_async
        return refund_facts(
            (await self._ask("create refund", lambda: create(params, {"idempotency_key": key}))).to_dict()
        )

    async def retrieve_refund(self, stripe_refund_id: str) -> RefundFacts:
        retrieve = self._v1.refunds.retrieve_async
        return refund_facts((await self._ask("retrieve refund", lambda: retrieve(stripe_refund_id))).to_dict())

    async def find_refund(self, refund_id: UUID, intent_id: str) -> RefundFacts | None:
        async def look() -> Any:
            refunds = await self._v1.refunds.list_async({"payment_intent": intent_id, "limit": 100})
            async for refund in refunds.auto_paging_iter():
                facts = refund_facts(refund.to_dict())
                if facts.refund_id == refund_id:
                    return facts
            return None

        found: RefundFacts | None = await self._ask("find refund", look)
        return found

    async def undelivered_events(self, since: datetime) -> list[StripeEvent]:
        params = {"created": {"gte": _unix(since)}, "delivery_success": False, "types": [*EVENT_TYPES], "limit": 100}

        async def look() -> list[StripeEvent]:
            events = await self._v1.events.list_async(params)
            found = [_event(event.to_dict()) async for event in events.auto_paging_iter()]
            return [event for event in found if event is not None]

        return await self._ask("list events", look)

    def verify_event(self, body: bytes, signature: str) -> StripeEvent | None:
        if not any(self._is_signed(body, signature, secret) for secret in self._webhook_secrets):
            raise WrongSignature()
        try:
            return _event(orjson.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid({"body": ["This is not an event."]}) from error

    def _is_signed(self, body: bytes, signature: str, secret: str) -> bool:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            return False
        return True

    async def _ask(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """Runs one call in the time that is left, and turns whatever goes wrong into one of our two exceptions."""
        seconds = remaining_seconds(LONGEST_CALL_SECONDS + RESERVE_SECONDS) - RESERVE_SECONDS
        if seconds <= 0:
            raise StripeUnknown(f"{what}: no time left")
        with tracer.start_as_current_span(f"stripe {what}"):
            try:
                async with asyncio.timeout(seconds):
                    return await call()
            except (stripe.StripeError, aiohttp.ClientError, TimeoutError, OSError) as error:
                raise _typed(what, error) from error


def _typed(what: str, error: Exception) -> StripeRefused | StripeUnknown:
    status = getattr(error, "http_status", None)
    settled = isinstance(error, stripe.InvalidRequestError | stripe.CardError) and status in _ANSWERED_FOR_GOOD
    log.warning("Stripe: %s failed", what, extra={"error": type(error).__name__, "status": status})
    if settled:
        return StripeRefused(str(getattr(error, "code", None) or "invalid_request"))
    _failures.add(1, {"call": what})
    return StripeUnknown(f"{what}: {type(error).__name__}", key_spent=_is_spent(error, status))


def _is_spent(error: Exception, status: int | None) -> bool:
    """A replayed server error is all that this idempotency key will ever give."""
    if isinstance(error, stripe.IdempotencyError):
        return status == 400
    headers = {name.lower(): value for name, value in (getattr(error, "headers", None) or {}).items()}
    return (status or 0) >= 500 and headers.get("idempotent-replayed") == "true"


def _intent(intent: Any) -> Intent:
    return Intent(intent_facts(intent.to_dict()), intent.client_secret)


def _event(event: Any) -> StripeEvent | None:
    facts = event_facts(event["type"], event["data"]["object"])
    return None if facts is None else StripeEvent(event["id"], event["type"], facts)


def _unix(instant: datetime) -> int:
    return int(instant.timestamp())
