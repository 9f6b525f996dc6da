"""The worker's errands at Stripe: apply webhooks, send refunds, cancel intents. Each may be repeated at any point."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database

from payments.adapters import claims
from payments.adapters.stripe_gateway import StripeGateway, StripeRefused, StripeUnknown
from payments.commands.apply_refund import ApplyRefund, NextRefundAttempt, RefuseRefund
from payments.commands.receive_stripe_event import ParkStripeEvent, PostponeStripeEvent, SettleStripeEvent
from payments.domain.facts import (
    CardFacts,
    ChargeFacts,
    DisputeFacts,
    Facts,
    IntentFacts,
    RefundFacts,
    SetupFacts,
    stored_event,
)
from payments.domain.refund import Refund, refund_key
from payments.errands.cancel_intent import IntentCanceller
from payments.errands.make_intent import KEYS_LIVE, IntentMaker
from payments.errands.refunds_of import apply_refunds_of
from payments.errands.together import all_of
from payments.errands.wallet import Wallet
from payments.queries.ours import has_card, has_intent
from payments.queries.payments import intent_of_payment

T = TypeVar("T")


class StripeErrands:
    """All that is to be done at Stripe without anybody waiting for it."""

    def __init__(
        self, commands: Commands, database: Database, gateway: StripeGateway, maker: IntentMaker, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._canceller = IntentCanceller(commands, gateway, maker)
        self._wallet = Wallet(commands, database, gateway)
        self._clock = clock

    async def webhooks(self) -> bool:
        """Applies a batch of stored webhooks; true if there are probably more."""
        return await self._batch("webhook", claims.WEBHOOKS, self.settle_event)

    async def refunds(self) -> bool:
        """Sends a batch of refunds that were decided."""
        return await self._batch("refund", claims.REFUNDS, self.send_refund)

    async def cancellations(self) -> bool:
        """Cancels a batch of intents that ask for what is not due any more."""
        return await self._batch("cancellation", claims.CANCELLATIONS, self._canceller.cancel)

    async def detachments(self) -> bool:
        """Has Stripe let go of a batch of removed cards, and forget a batch of erased customers."""
        more = await self._batch("detachment", claims.DETACHMENTS, self._wallet.detach)
        return await self._batch("forgetting", claims.FORGETTINGS, self._wallet.forget) or more

    async def _batch(self, what: str, claim: claims.Claim[T], do: Callable[[T], Awaitable[object]]) -> bool:
        batch = await claim.take(self._database, self._clock())
        await all_of(what, batch, do)
        return len(batch) == claims.BATCH

    async def settle_event(self, stored: claims.StoredWebhook) -> None:
        """Applies a stored webhook, once Stripe has confirmed what may have changed since.

        One that can't be read is put aside for people, and the others go on.
        """
        try:
            event = stored_event(stored.id, stored.type, stored.facts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            await self._commands.execute(ParkStripeEvent(stored.id, f"unreadable: {type(error).__name__}: {error}"))
            return
        try:
            facts = await self._present_facts(event.facts)
            outcome = await self._commands.execute(SettleStripeEvent(event.id, facts))
        except Exception as error:
            await self._commands.execute(PostponeStripeEvent(event.id, f"{type(error).__name__}: {error}"))
            raise
        if outcome == "waiting":
            await self._commands.execute(PostponeStripeEvent(event.id, "what it names is not here (yet)"))

    async def _present_facts(self, facts: Facts) -> Facts:
        """A webhook may be late; only what is final at Stripe can be believed without asking again.

        Of what is not ours nothing is asked: it may not even be ours to see, and it is ignored anyway.
        """
        match facts:
            case IntentFacts() if not facts.is_final and (facts.is_ours or await has_intent(self._database, facts.id)):
                return (await self._gateway.retrieve_intent(facts.id)).facts
            case ChargeFacts():
                # A charge tells how much of it went back, and not by which refunds.
                await apply_refunds_of(facts.intent_id, self._commands, self._database, self._gateway)
            case DisputeFacts() if await has_intent(self._database, facts.intent_id):
                return await self._gateway.retrieve_dispute(facts.id)
            case SetupFacts() if facts.customer_id is not None:
                await self._wallet.keep(await self._gateway.retrieve_setup(facts.id))
            case CardFacts() if facts.stripe_customer_id and await has_card(self._database, facts.id):
                return await self._gateway.retrieve_card(facts.id)
        return facts

    async def send_refund(self, refund: Refund) -> None:
        """Asks Stripe for a refund that was decided; what Stripe says is applied, silence leaves it pending."""
        intent_id = await intent_of_payment(self._database, refund.payment_id)
        try:
            facts = await self._obtain_refund(refund, intent_id)
        except StripeRefused as refused:
            await self._commands.execute(RefuseRefund(refund.id, refund.payment_id, refused.code))
            # It may have been refused because of refunds that somebody made there, and that are not known here yet.
            await apply_refunds_of(intent_id, self._commands, self._database, self._gateway)
            return
        await self._commands.execute(ApplyRefund(facts))

    async def _obtain_refund(self, refund: Refund, intent_id: str) -> RefundFacts:
        """A key that Stripe may have forgotten, or that only ever gives an error, is followed by a new one; not before
        a look has proven that nothing was refunded under it.
        """

        async def create(attempt: int) -> RefundFacts:
            key = refund_key(refund.id, attempt)
            return await self._gateway.create_refund(refund.id, intent_id, refund.amount_cents, key)

        if self._clock() - (refund.attempt_at or refund.created_at) < KEYS_LIVE:
            try:
                return await create(refund.attempt)
            except StripeUnknown as unknown:
                if not unknown.key_spent:
                    raise
        if found := await self._gateway.find_refund(refund.id, intent_id):
            return found
        return await create(await self._commands.execute(NextRefundAttempt(refund.id, refund.attempt)))
