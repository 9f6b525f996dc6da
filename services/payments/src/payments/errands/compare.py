"""Compare whole days with Stripe, both ways: what Stripe has and we have not, and what we have and Stripe has not."""

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
from payments.commands.book_movement import BookMovement
from payments.commands.tell_difference import TellDifference
from payments.domain.facts import IntentFacts
from payments.domain.payment import Payment
from payments.errands.together import all_of
from payments.queries.comparing import captured_since, intents_known, open_disputes, refunds_since

T = TypeVar("T")

LAST_HOURS = timedelta(hours=3)
LAST_DAYS = timedelta(days=3)
"""Longer than the time between two comparisons, so that one that fails is made up for by the next."""


class Comparison:
    """Repairs what it can by the commands that webhooks use, and alerts about the rest."""

    def __init__(self, commands: Commands, database: Database, gateway: StripeGateway, clock: Clock) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._clock = clock

    async def hour(self) -> None:
        """The intents and refunds of the last hours, and every open dispute."""
        since = self._clock() - LAST_HOURS
        seen = await self._intents(since)
        lost = [payment for payment in await captured_since(self._database, since) if payment.intent_id not in seen]
        await all_of("missing intent", lost, self._ask)
        await all_of("refunds", await refunds_since(self._database, since), self._refunds)
        await all_of("dispute", await open_disputes(self._database), self._dispute)

    async def day(self) -> None:
        """Every movement of money of the last days: fees and payouts are booked, differences told."""
        since = self._clock() - LAST_DAYS
        await self._each(since, self._gateway.movements_since, lambda facts: self._execute(BookMovement(facts)))

    async def _intents(self, since: datetime) -> set[str]:
        """The ids of all of ours that Stripe has; those that stand otherwise here are applied. Others' are ignored."""
        seen: set[str] = set()

        async def compare(facts: IntentFacts) -> None:
            seen.add(facts.id)
            if not facts.is_ours or not facts.is_final or await intents_known(self._database, facts):
                return
            if (await self._execute(ApplyPaymentIntent(facts))).payment is None:
                text = f"The intent {facts.id} at Stripe is ours and is not known here."
                await self._execute(TellDifference(f"unknown-intent:{facts.id}", text))

        await self._each(since, self._gateway.intents_since, compare)
        return seen

    async def _ask(self, payment: Payment) -> None:
        """A captured payment whose intent was made before the list began, or that Stripe does not know."""
        try:
            await self._gateway.retrieve_intent(str(payment.intent_id))
        except StripeRefused:
            text = f"Booking {payment.booking_number}: Stripe does not know the payment that the books have."
            await self._execute(TellDifference(f"unknown-at-stripe:{payment.id}", text, payment.booking_id))

    async def _refunds(self, intent_id: str) -> None:
        for facts in await self._gateway.refunds_of(intent_id):
            await self._execute(ApplyRefund(facts))

    async def _dispute(self, dispute_id: str) -> None:
        await self._execute(ApplyDispute(await self._gateway.retrieve_dispute(dispute_id)))

    async def _each(
        self,
        since: datetime,
        listing: Callable[[datetime, str], Awaitable[Listing[T]]],
        do: Callable[[T], Awaitable[object]],
    ) -> None:
        after = ""
        while True:
            page = await listing(since, after)
            await all_of("comparison", page.items, do)
            after = page.after
            if not after:
                return

    async def _execute(self, command: object) -> Any:
        return await self._commands.execute(command)
