"""Compare whole days with Stripe, both ways: what Stripe has and we have not, and what we have and Stripe has not."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database

from payments.adapters.stripe_gateway import Listing, StripeGateway, StripeRefused
from payments.commands.apply_dispute import ApplyDispute
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.apply_refund import ApplyRefund
from payments.commands.book_movement import Booked, BookMovement
from payments.commands.record_comparison import RecordComparison
from payments.commands.tell_difference import TellDifference
from payments.domain.facts import IntentFacts, MovementFacts, RefundFacts
from payments.domain.payment import Payment
from payments.errands.refunds_of import apply_refunds_of
from payments.errands.together import Tally, all_of
from payments.queries.comparing import captured_since, intent_known, movement_known, open_disputes, refund_known

T = TypeVar("T")

LAST_HOURS = timedelta(hours=48)
LAST_DAYS = timedelta(days=3)
"""Longer than the time between two comparisons, so that some that fail are made up for by the next."""


class Comparison:
    """Repairs what it can by the commands that webhooks use, and alerts about the rest."""

    def __init__(self, commands: Commands, database: Database, gateway: StripeGateway, clock: Clock) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._clock = clock

    async def hour(self) -> Tally:
        """The intents and refunds of the last two days, and every open dispute."""
        since = self._clock() - LAST_HOURS
        seen: set[str] = set()
        tally = await self._each(since, self._gateway.intents_since, lambda facts: self._intent(facts, seen))
        lost = [payment for payment in await captured_since(self._database, since) if payment.intent_id not in seen]
        tally += await all_of("missing intent", lost, self._ask)
        tally += await self._each(since, self._gateway.refunds_since, self._refund)
        return tally + await all_of("dispute", await open_disputes(self._database), self._dispute)

    async def day(self) -> Tally:
        """Every movement of money of the last days: fees and payouts are booked, differences told and counted."""
        found: Counter[Booked] = Counter()
        since = self._clock() - LAST_DAYS
        tally = await self._each(since, self._gateway.movements_since, lambda facts: self._movement(facts, found))
        if not tally.failed:
            await self._execute(RecordComparison(tally.done, found["differs"]))
        return tally

    async def _intent(self, facts: IntentFacts, seen: set[str]) -> None:
        """One of ours that stands otherwise here is applied. Others' are ignored."""
        seen.add(facts.id)
        if not facts.is_ours or not facts.is_final or await intent_known(self._database, facts):
            return
        if (await self._execute(ApplyPaymentIntent(facts))).payment is None:
            text = f"The intent {facts.id} at Stripe is ours and is not known here."
            await self._execute(TellDifference(f"unknown-intent:{facts.id}", text))

    async def _ask(self, payment: Payment) -> None:
        """A captured payment whose intent was made before the list began, or that Stripe does not know."""
        try:
            await self._gateway.retrieve_intent(str(payment.intent_id))
        except StripeRefused:
            text = f"Booking {payment.booking_number}: Stripe does not know the payment that the books have."
            await self._execute(TellDifference(f"unknown-at-stripe:{payment.id}", text, payment.booking_id))

    async def _refund(self, facts: RefundFacts) -> None:
        if not await refund_known(self._database, facts):
            await self._execute(ApplyRefund(facts))

    async def _movement(self, facts: MovementFacts, found: Counter[Booked]) -> None:
        """Money of a refund that is not here, or is here otherwise, has that refund read first."""
        if facts.is_of_refund and not await movement_known(self._database, facts):
            await apply_refunds_of(facts.intent_id, self._commands, self._database, self._gateway)
        found[await self._execute(BookMovement(facts))] += 1

    async def _dispute(self, dispute_id: str) -> None:
        await self._execute(ApplyDispute(await self._gateway.retrieve_dispute(dispute_id)))

    async def _each(
        self,
        since: datetime,
        listing: Callable[[datetime, str], Awaitable[Listing[T]]],
        do: Callable[[T], Awaitable[object]],
    ) -> Tally:
        after, tally = "", Tally()
        while True:
            page = await listing(since, after)
            tally += await all_of("comparison", page.items, do)
            after = page.after
            if not after:
                return tally

    async def _execute(self, command: object) -> Any:
        return await self._commands.execute(command)
