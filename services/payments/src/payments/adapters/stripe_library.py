"""The gateway to Stripe through its official library, which only this and its neighbours `stripe_…` import."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import stripe
from shared.errors import Invalid

from payments.adapters.stripe_calls import StripeCalls
from payments.adapters.stripe_cards import StripeCards
from payments.adapters.stripe_facts import dispute_facts, intent_facts, refund_facts
from payments.adapters.stripe_gateway import Intent, IntentOrder
from payments.adapters.stripe_lists import StripeLists, event_of, unix
from payments.domain.errors import WrongSignature
from payments.domain.facts import APP, DisputeFacts, IntentFacts, RefundFacts, StripeEvent

SIGNATURE_TOLERANCE_SECONDS = 300
_CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)


class StripeLibrary(StripeCards, StripeLists, StripeCalls):
    """See `StripeGateway`."""

    def __init__(self, api_base: str, secret_key: str, webhook_secrets: tuple[str, ...]) -> None:
        super().__init__(api_base, secret_key)
        self._webhook_secrets = webhook_secrets

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
        create = self.v1.payment_intents.create_async
        return _intent(await self.ask("create intent", lambda: create(params, {"idempotency_key": key})))

    async def retrieve_intent(self, intent_id: str) -> Intent:
        retrieve = self.v1.payment_intents.retrieve_async
        return _intent(await self.ask("retrieve intent", lambda: retrieve(intent_id)))

    async def cancel_intent(self, intent_id: str) -> IntentFacts:
        cancel = self.v1.payment_intents.cancel_async
        params = {"cancellation_reason": "abandoned"}
        return intent_facts((await self.ask("cancel intent", lambda: cancel(intent_id, params))).to_dict())

    async def find_intent(self, payment_id: UUID, since: datetime, until: datetime) -> IntentFacts | None:
        # Stripe's search lags behind by up to a minute, so it could not prove an absence; its lists can.
        window = {"gte": unix(since - _CLOCKS_MAY_DIFFER_BY), "lte": unix(until + _CLOCKS_MAY_DIFFER_BY)}

        async def look() -> Any:
            intents = await self.v1.payment_intents.list_async({"created": window, "limit": 100})
            async for intent in intents.auto_paging_iter():
                facts = intent_facts(intent.to_dict())
                if facts.payment_id == payment_id:
                    return facts
            return None

        found: IntentFacts | None = await self.ask("find intent", look)
        return found

    async def create_refund(self, refund_id: UUID, intent_id: str, amount_cents: int, key: str) -> RefundFacts:
        params = {
            "payment_intent": intent_id,
            "amount": amount_cents,
            "metadata": {"app": APP, "refund_id": str(refund_id)},
        }
        create = self.v1.refunds.create_async
        return refund_facts(
            (await self.ask("create refund", lambda: create(params, {"idempotency_key": key}))).to_dict()
        )

    async def retrieve_refund(self, stripe_refund_id: str) -> RefundFacts:
        retrieve = self.v1.refunds.retrieve_async
        return refund_facts((await self.ask("retrieve refund", lambda: retrieve(stripe_refund_id))).to_dict())

    async def find_refund(self, refund_id: UUID, intent_id: str) -> RefundFacts | None:
        found = await self.refunds_of(intent_id)
        return next((facts for facts in found if facts.refund_id == refund_id), None)

    async def refunds_of(self, intent_id: str) -> Sequence[RefundFacts]:
        async def look() -> list[RefundFacts]:
            refunds = await self.v1.refunds.list_async({"payment_intent": intent_id, "limit": 100})
            return [refund_facts(refund.to_dict()) async for refund in refunds.auto_paging_iter()]

        return await self.ask("list refunds", look)

    async def retrieve_dispute(self, dispute_id: str) -> DisputeFacts:
        retrieve = self.v1.disputes.retrieve_async
        return dispute_facts((await self.ask("retrieve dispute", lambda: retrieve(dispute_id))).to_dict())

    def verify_event(self, body: bytes, signature: str) -> StripeEvent | None:
        if not any(self._is_signed(body, signature, secret) for secret in self._webhook_secrets):
            raise WrongSignature()
        try:
            return event_of(orjson.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid({"body": ["This is not an event."]}) from error

    def _is_signed(self, body: bytes, signature: str, secret: str) -> bool:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            return False
        return True


def _intent(intent: Any) -> Intent:
    return Intent(intent_facts(intent.to_dict()), intent.client_secret)
