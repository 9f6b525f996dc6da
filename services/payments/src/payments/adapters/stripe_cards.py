"""Customers and their saved cards at Stripe."""

from typing import Any
from uuid import UUID

from payments.adapters.stripe_calls import StripeCalls
from payments.adapters.stripe_facts import card_facts, intent_facts, setup_facts
from payments.adapters.stripe_gateway import Intent, Setup
from payments.domain.facts import APP, CardFacts


class StripeCards(StripeCalls):
    """See `CardGateway`."""

    async def create_customer(self, customer_id: UUID, key: str) -> str:
        params = {"metadata": {"app": APP, "customer_id": str(customer_id)}}
        create = self.v1.customers.create_async
        return str((await self.ask("create customer", lambda: create(params, {"idempotency_key": key}))).id)

    async def delete_customer(self, stripe_customer_id: str) -> None:
        delete = self.v1.customers.delete_async
        await self.ask("delete customer", lambda: delete(stripe_customer_id))

    async def create_setup(self, customer_id: UUID, stripe_customer_id: str, key: str) -> Setup:
        params = {
            "customer": stripe_customer_id,
            "payment_method_types": ["card"],
            "usage": "on_session",
            "metadata": {"app": APP, "customer_id": str(customer_id)},
        }
        create = self.v1.setup_intents.create_async
        return _setup(await self.ask("create setup", lambda: create(params, {"idempotency_key": key})))

    async def retrieve_setup(self, setup_id: str) -> Setup:
        retrieve = self.v1.setup_intents.retrieve_async
        params = {"expand": ["payment_method"]}
        return _setup(await self.ask("retrieve setup", lambda: retrieve(setup_id, params)))

    async def retrieve_card(self, method_id: str) -> CardFacts:
        retrieve = self.v1.payment_methods.retrieve_async
        return card_facts((await self.ask("retrieve card", lambda: retrieve(method_id))).to_dict())

    async def detach_card(self, method_id: str) -> None:
        detach = self.v1.payment_methods.detach_async
        await self.ask("detach card", lambda: detach(method_id))

    async def confirm_intent(self, intent_id: str, stripe_customer_id: str, method_id: str, key: str) -> Intent:
        intents = self.v1.payment_intents
        # A saved card can be used only for its own customer, whom the intent did not know when it was made.
        owner = {"customer": stripe_customer_id}
        await self.ask("name customer", lambda: intents.update_async(intent_id, owner))
        params = {"payment_method": method_id}
        confirm = intents.confirm_async
        told = await self.ask("confirm intent", lambda: confirm(intent_id, params, {"idempotency_key": key}))
        return Intent(intent_facts(told.to_dict()), told.client_secret)


def _setup(setup: Any) -> Setup:
    told = setup.to_dict()
    method = told.get("payment_method")
    return Setup(setup_facts(told), setup.client_secret, card_facts(method) if isinstance(method, dict) else None)
