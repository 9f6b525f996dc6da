"""Have Stripe make a payment's intent: exactly one, whatever happens on the way."""

from datetime import timedelta

from shared.clock import Clock
from shared.commands import Commands

from payments.adapters.stripe_gateway import Intent, IntentOrder, StripeGateway, StripeRefused, StripeUnknown
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.prepare_intent import NextAttempt, RefusePayment, ReleasePayment
from payments.domain.payment import Payment, idempotency_key

KEYS_LIVE = timedelta(hours=23)
"""Stripe forgets idempotency keys after a day; from then on a call is looked up and never sent again."""


class IntentMaker:
    """Makes the intent of a payment that is `creating` and leased to the caller."""

    def __init__(self, commands: Commands, gateway: StripeGateway, clock: Clock) -> None:
        self._commands = commands
        self._gateway = gateway
        self._clock = clock

    async def make(self, payment: Payment) -> Intent:
        """The intent, which is stored. Raises `StripeUnknown` (try again later) or `StripeRefused` (it has failed)."""
        try:
            intent = await self._obtain(payment)
        except StripeUnknown:
            await self._commands.execute(ReleasePayment(payment.id))
            raise
        except StripeRefused as refused:
            await self._commands.execute(RefusePayment(payment.id, refused.code))
            raise
        await self._commands.execute(ApplyPaymentIntent(intent.facts))
        return intent

    async def _obtain(self, payment: Payment) -> Intent:
        if self._clock() - payment.created_at > KEYS_LIVE:
            return await self._find(payment) or _never_made()
        try:
            return await self._gateway.create_intent(_order(payment), idempotency_key(payment.id, payment.attempt))
        except StripeUnknown as unknown:
            if not unknown.key_spent:
                raise
        if found := await self._find(payment):
            return found
        attempt = await self._commands.execute(NextAttempt(payment.id, payment.attempt))
        return await self._gateway.create_intent(_order(payment), idempotency_key(payment.id, attempt))

    async def _find(self, payment: Payment) -> Intent | None:
        facts = await self._gateway.find_intent(payment.id, payment.created_at, self._clock())
        return await self._gateway.retrieve_intent(facts.id) if facts else None


def _never_made() -> Intent:
    raise StripeRefused("never_made")


def _order(payment: Payment) -> IntentOrder:
    return IntentOrder(
        payment_id=payment.id,
        booking_id=payment.booking_id,
        booking_number=payment.booking_number,
        purpose=payment.purpose,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
    )
