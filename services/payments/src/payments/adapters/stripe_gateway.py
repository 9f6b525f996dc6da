"""Stripe as payments sees it: a few questions and orders, answered with facts or with one of two exceptions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from payments.domain.facts import (
    CardFacts,
    DisputeFacts,
    IntentFacts,
    MovementFacts,
    RefundFacts,
    SetupFacts,
    StripeEvent,
)

T = TypeVar("T")


class StripeUnknown(Exception):
    """Nobody knows whether Stripe did it: a timeout, a lost connection, 409, 429, 5xx, or our own keys are wrong.

    `key_spent` says that the idempotency key will only ever bring this same answer back.
    """

    def __init__(self, what: str, key_spent: bool = False) -> None:
        super().__init__(what)
        self.key_spent = key_spent


class StripeRefused(Exception):
    """Stripe did not do it and will not; `code` is Stripe's own. `by_bank` tells a declined card from all else."""

    def __init__(self, code: str, by_bank: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.by_bank = by_bank


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent with the secret that lets a browser pay it. The secret is passed on and never kept."""

    facts: IntentFacts
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Setup:
    """A card being saved, with the secret that lets a browser enter it, and the card once it is there."""

    facts: SetupFacts
    client_secret: str = field(repr=False)
    card: CardFacts | None = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A page of one of Stripe's lists. `after` asks for the next page; empty if this is the last."""

    items: tuple[T, ...]
    after: str


@dataclass(frozen=True, slots=True)
class IntentOrder:
    """An intent to be made, for a payment of ours."""

    payment_id: UUID
    booking_id: UUID
    booking_number: str
    purpose: str
    amount_cents: int
    currency: str


class CardGateway(Protocol):
    """What Stripe keeps for customers: who they are to it, and their cards."""

    async def create_customer(self, customer_id: UUID, key: str) -> str:
        """Makes a customer at Stripe for ours, named by nothing but our id; its id there."""
        ...

    async def delete_customer(self, stripe_customer_id: str) -> None:
        """Has Stripe forget the customer and the saved cards; refused if it has done so before."""
        ...

    async def create_setup(self, customer_id: UUID, stripe_customer_id: str, key: str) -> Setup:
        """Begins to save a card for the customer."""
        ...

    async def retrieve_setup(self, setup_id: str) -> Setup:
        """How far the saving has come, with the card."""
        ...

    async def retrieve_card(self, method_id: str) -> CardFacts:
        """The card as it is now."""
        ...

    async def detach_card(self, method_id: str) -> None:
        """Makes the card unusable; refused if it belongs to nobody any more."""
        ...

    async def confirm_intent(self, intent_id: str, stripe_customer_id: str, method_id: str, key: str) -> Intent:
        """Tries a saved card on the intent; refused when the bank declines or the intent can't be paid any more."""
        ...


class StripeGateway(CardGateway, Protocol):
    """All that payments asks of Stripe. Every method may raise `StripeUnknown`, orders `StripeRefused` as well."""

    async def create_intent(self, order: IntentOrder, key: str) -> Intent:
        """Makes an intent, or gives the one that was made under this idempotency key."""
        ...

    async def retrieve_intent(self, intent_id: str) -> Intent:
        """The intent as it is now."""
        ...

    async def cancel_intent(self, intent_id: str) -> IntentFacts:
        """Makes the intent unpayable; refused when it is paid or cancelled already."""
        ...

    async def find_intent(self, payment_id: UUID, since: datetime, until: datetime) -> IntentFacts | None:
        """The intent made for this payment between these times; null proves that there is none."""
        ...

    async def create_refund(self, refund_id: UUID, intent_id: str, amount_cents: int, key: str) -> RefundFacts:
        """Refunds a part of what the intent captured."""
        ...

    async def retrieve_refund(self, stripe_refund_id: str) -> RefundFacts:
        """The refund as it is now."""
        ...

    async def find_refund(self, refund_id: UUID, intent_id: str) -> RefundFacts | None:
        """The refund made for ours; null proves that there is none."""
        ...

    async def refunds_of(self, intent_id: str) -> Sequence[RefundFacts]:
        """All refunds of what the intent captured."""
        ...

    async def retrieve_dispute(self, dispute_id: str) -> DisputeFacts:
        """The dispute as it is now, with the money that it has moved."""
        ...

    async def undelivered_events(self, since: datetime, after: str = "") -> Listing[StripeEvent]:
        """Events that have an effect here and whose webhooks did not arrive, a page of them, newest first."""
        ...

    async def intents_since(self, since: datetime, after: str = "") -> Listing[IntentFacts]:
        """Intents that were made since then, a page of them, newest first."""
        ...

    async def refunds_since(self, since: datetime, after: str = "") -> Listing[RefundFacts]:
        """Refunds that were made since then, whoever made them, a page of them, newest first."""
        ...

    async def movements_since(self, since: datetime, after: str = "") -> Listing[MovementFacts]:
        """Movements of money on the account since then, a page of them, newest first."""
        ...

    def verify_event(self, body: bytes, signature: str) -> StripeEvent | None:
        """The webhook's event; null if nothing here acts on its type.

        Raises `WrongSignature` if it is not from Stripe or older than five minutes, `Invalid` if it is no event.
        """
        ...
