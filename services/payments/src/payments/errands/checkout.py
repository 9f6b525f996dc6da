"""Open a payment for a booking: its intent with the secret to pay it, made now or returned again."""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

from shared.commands import Commands
from shared.context import remaining_seconds
from shared.db.engine import Database

from payments.adapters.places import Places
from payments.adapters.stripe_gateway import Intent, StripeGateway, StripeRefused, StripeUnknown
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.record_booking import billable
from payments.commands.start_payment import Started, StartPayment
from payments.domain.errors import AlreadyPaid, PaymentUnavailable
from payments.domain.payment import Payment
from payments.errands.cancel_intent import IntentCanceller
from payments.errands.make_intent import IntentMaker
from payments.errands.present_intent import present_intent
from payments.queries.payments import MakingState, holds_place, making_state

POLL_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 3.0
RESERVE_SECONDS = 0.5
"""Left for the answer, so that our caller hears from us before it gives up."""


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """What a browser needs to pay. The secret is passed on and never kept."""

    payment_id: UUID
    intent: Intent


class Checkout:
    """Opens payments. Between its steps no transaction is open, and each step can be repeated by anybody."""

    def __init__(
        self, commands: Commands, database: Database, gateway: StripeGateway, maker: IntentMaker, places: Places
    ) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._maker = maker
        self._places = places
        self._canceller = IntentCanceller(commands, gateway, maker)

    async def open(self, command: StartPayment) -> OpenPayment:
        """Raises what `start_payment` raises, `PaymentUnavailable` when Stripe can't be asked at the moment, and
        `NoCapacity` when the booking's place went to somebody else meanwhile and its day is full.
        """
        command = await self._with_place(command)
        started = await self._commands.execute(command)
        try:
            if started.next_step == "replace":
                await self._canceller.cancel(started.payment)
                started = await self._commands.execute(replace(command, key=None))
            return await self._go_on(started)
        except (StripeUnknown, StripeRefused) as error:
            raise PaymentUnavailable() from error

    async def _with_place(self, command: StartPayment) -> StartPayment:
        """A booking whose hold has ended takes a place again before anything is to be paid; booking itself has one."""
        if command.copy is not None or await holds_place(self._database, command.booking_id):
            return command
        return replace(command, copy=billable(await self._places.take_again(command.booking_id)))

    async def _go_on(self, started: Started) -> OpenPayment:
        match started.next_step:
            case "make":
                return OpenPayment(started.payment.id, await self._maker.make(started.payment))
            case "wait":
                return await self.reopen(await self._intent_of(started.payment))
            case "reopen":
                return await self.reopen(str(started.payment.intent_id))
        raise PaymentUnavailable()

    async def reopen(self, intent_id: str) -> OpenPayment:
        """An open intent with its secret, read anew. Raises `AlreadyPaid` if it turns out to be paid."""
        intent = await present_intent(self._gateway, intent_id)
        assert intent.facts.payment_id is not None
        if intent.facts.is_final:
            await self._commands.execute(ApplyPaymentIntent(intent.facts))
            raise AlreadyPaid() if intent.facts.status == "succeeded" else PaymentUnavailable()
        return OpenPayment(intent.facts.payment_id, intent)

    async def secret_of(self, intent_id: str) -> str:
        """The secret of an intent, whatever became of it meanwhile. Raises `PaymentUnavailable`."""
        return (await present_intent(self._gateway, intent_id)).client_secret

    async def _intent_of(self, payment: Payment) -> str:
        """Waits while somebody else makes the intent, without holding a connection meanwhile."""
        waited, limit = 0.0, remaining_seconds(LONGEST_WAIT_SECONDS) - RESERVE_SECONDS
        state: MakingState | None = None
        while waited < limit:
            state = await making_state(self._database, payment.id)
            if state is None or state.intent_id or not state.being_made:
                break
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        if state is None or not state.intent_id:
            raise PaymentUnavailable(retry_after=1)
        return state.intent_id
