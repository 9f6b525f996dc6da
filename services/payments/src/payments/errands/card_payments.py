"""Pay what a booking owes with a saved card: on the booking's own intent, never on a second one."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from shared.commands import Commands
from shared.db.engine import Database
from shared.http.idempotency import IdempotencyKey
from shared.ids import new_id

from payments.adapters.stripe_gateway import Intent, StripeGateway, StripeRefused, StripeUnknown
from payments.adapters.wallets import one_card, stripe_customer_of
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.start_payment import StartPayment
from payments.domain.card import SavedCard
from payments.domain.errors import CardDeclined, CardNotFound, CardNotUsable, PaymentUnavailable
from payments.domain.payment import Payment
from payments.errands.checkout import Checkout
from payments.errands.present_intent import present_intent

TRIABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


@dataclass(frozen=True, slots=True)
class CardPayment:
    """How the payment stands after the card was tried; the intent's secret lets its buyer answer the bank."""

    payment: Payment
    intent: Intent

    @property
    def requires_action(self) -> bool:
        """Whether the bank wants to hear from the buyer first (3-D Secure)."""
        return self.intent.facts.status == "requires_action"


class CardPayments:
    """Tries saved cards. Two tries at an instant are tries of one intent, of which Stripe takes one."""

    def __init__(self, commands: Commands, database: Database, gateway: StripeGateway, checkout: Checkout) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway
        self._checkout = checkout

    async def pay(
        self, booking_id: UUID, customer_id: UUID, card_id: UUID, key: IdempotencyKey | None = None
    ) -> CardPayment:
        """Raises `CardNotFound`, `CardDeclined`, `CardNotUsable`, `PaymentUnavailable`, and what opening raises."""
        card = await one_card(self._database, customer_id, card_id)
        opened = await self._checkout.open(StartPayment(booking_id, key=key))
        intent = opened.intent
        if intent.facts.status in TRIABLE:
            intent = await self._try(intent, card, _confirmation_key(opened.payment_id, key))
        payment = (await self._commands.execute(ApplyPaymentIntent(intent.facts))).payment
        assert payment is not None, "its intent was opened for it"
        if intent.facts.status == "requires_payment_method":
            raise CardDeclined(payment.failure_reason)
        return CardPayment(payment, intent)

    async def secret_of(self, intent_id: str) -> str:
        """The secret of an intent that waits for its buyer. Raises `PaymentUnavailable`."""
        return await self._checkout.secret_of(intent_id)

    async def _try(self, intent: Intent, card: SavedCard, key: str) -> Intent:
        owner = await stripe_customer_of(self._database, card.customer_id)
        if owner is None:
            raise CardNotFound()
        try:
            return await self._confirm(intent.facts.id, owner, card.stripe_payment_method_id, key)
        except StripeUnknown as error:
            raise PaymentUnavailable() from error
        except StripeRefused as refused:
            # A refusal tells of this try alone; what became of the intent, perhaps by another, it says itself.
            now = await present_intent(self._gateway, intent.facts.id)
            if now.facts.status in TRIABLE and not refused.by_bank:
                raise CardNotUsable() from refused
            return now

    async def _confirm(self, intent_id: str, owner: str, method_id: str, key: str) -> Intent:
        """A key that only ever gives an error is followed by a new one, unless the intent has moved meanwhile."""
        try:
            return await self._gateway.confirm_intent(intent_id, owner, method_id, key)
        except StripeUnknown as unknown:
            if not unknown.key_spent:
                raise
        now = await present_intent(self._gateway, intent_id)
        if now.facts.status != "requires_payment_method":
            return now
        return await self._gateway.confirm_intent(intent_id, owner, method_id, f"{key}:{new_id()}")


def _confirmation_key(payment_id: UUID, key: IdempotencyKey | None) -> str:
    """A repetition of the same request must not try the card twice, a new request must."""
    name = hashlib.sha256(f"{key.scope}\n{key.key}".encode()).hexdigest()[:32] if key else new_id()
    return f"pay:{payment_id}:{name}"
