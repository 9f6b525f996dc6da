"""Compare what is open here with Stripe, so that a lost webhook or a process that died heals by itself."""

from datetime import datetime, timedelta

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database

from payments.adapters import claims
from payments.adapters.stripe_gateway import StripeGateway, StripeRefused
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.apply_refund import ApplyRefund
from payments.commands.prepare_intent import LeasePayment
from payments.commands.receive_stripe_event import ForgetOldStripeEvents, ReceiveStripeEvent
from payments.domain.facts import StripeEvent
from payments.domain.payment import Payment
from payments.domain.refund import Refund
from payments.errands.make_intent import IntentMaker
from payments.errands.together import Tally, all_of

UNDELIVERED_SINCE = timedelta(hours=48)
PAGES_AT_ONCE = 5


class Reconciler:
    """Asks Stripe about all that has been open for over a minute, and for webhooks that did not arrive."""

    def __init__(
        self, commands: Commands, database: Database, gateway: StripeGateway, maker: IntentMaker, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._maker = maker
        self._clock = clock
        self._events_after = ""

    async def run(self) -> Tally:
        """One round over everything that is due."""
        tally = await self._payments()
        refunds = await claims.REFUND_CHECKS.take(self._database, self._clock())
        tally += await all_of("refund check", refunds, self._ask_refund)
        tally += await all_of("event listing", [self._clock() - UNDELIVERED_SINCE], self._fetch_events_since)
        await self._commands.execute(ForgetOldStripeEvents())
        return tally

    async def _payments(self) -> Tally:
        """Each payment that is due now, once: asking again what became due meanwhile might take for ever."""
        began, all_batches = self._clock(), Tally()
        while payments := await claims.PAYMENT_CHECKS.take(self._database, began):
            batch = await all_of("payment check", payments, self._ask)
            all_batches += batch
            if not batch.done or len(payments) < claims.BATCH:
                break
        return all_batches

    async def _ask(self, payment: Payment) -> None:
        if payment.intent_id is not None:
            intent = await self._gateway.retrieve_intent(payment.intent_id)
            await self._commands.execute(ApplyPaymentIntent(intent.facts))
        elif (leased := await self._commands.execute(LeasePayment(payment.id))) is not None:
            try:
                await self._maker.make(leased)
            except StripeRefused:
                return

    async def _ask_refund(self, refund: Refund) -> None:
        assert refund.stripe_refund_id is not None
        facts = await self._gateway.retrieve_refund(refund.stripe_refund_id)
        await self._commands.execute(ApplyRefund(facts))

    async def _fetch_events_since(self, since: datetime) -> None:
        """Page by page; a round that is cut short is gone on with in the next, so that a long list ends some day."""
        for _ in range(PAGES_AT_ONCE):
            page = await self._gateway.undelivered_events(since, self._events_after)
            await all_of("undelivered event", page.items, self._receive)
            self._events_after = page.after
            if not page.after:
                return

    async def _receive(self, event: StripeEvent) -> None:
        await self._commands.execute(ReceiveStripeEvent(event, delivered=False))
