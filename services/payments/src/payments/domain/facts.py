"""What Stripe tells us, as facts: no claim of a browser and no guess of ours is ever one of these."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

APP = "totetaxi"
"""Metadata `app` of everything we make at Stripe; what lacks it belongs to somebody else."""


def our_id(value: Any) -> UUID | None:
    """An id of ours as Stripe or a stored fact has it; null for what is none."""
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class IntentFacts:
    """A PaymentIntent at one moment; amounts in cents.

    `failure_code` is that of the last declined attempt, empty when the last attempt was not declined or none was made.
    """

    id: str
    status: str
    amount_cents: int
    amount_received_cents: int
    currency: str
    app: str = ""
    payment_id: UUID | None = None
    booking_id: UUID | None = None
    charge_id: str = ""
    failure_code: str = ""
    purpose: str = "booking"

    @property
    def is_ours(self) -> bool:
        """Whether we made it."""
        return self.app == APP

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow, so that an old telling of it is as good as a new one."""
        return self.status in ("succeeded", "canceled")

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "IntentFacts":
        """The facts from their JSON."""
        ids = {name: our_id(facts.get(name)) for name in ("payment_id", "booking_id")}
        return cls(**{**facts, **ids})


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund at Stripe at one moment. `refund_id` is ours, null for one made in Stripe's dashboard."""

    id: str
    status: str
    amount_cents: int
    currency: str
    intent_id: str
    refund_id: UUID | None = None
    failure_code: str = ""

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "RefundFacts":
        """The facts from their JSON."""
        return cls(**{**facts, "refund_id": our_id(facts.get("refund_id"))})


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """A charge of which something went back; which refunds these are has to be asked."""

    id: str
    intent_id: str
    refunded_cents: int

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "ChargeFacts":
        """The facts from their JSON."""
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved on our balance at Stripe: `id` of the balance transaction, cents (negative when they left)."""

    id: str
    amount_cents: int
    fee_cents: int = 0


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A customer's bank took a charge back, or stopped doing so."""

    id: str
    status: str
    amount_cents: int
    intent_id: str
    reason: str = ""
    movements: tuple[Movement, ...] = ()

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "DisputeFacts":
        """The facts from their JSON."""
        return cls(**{**facts, "movements": tuple(Movement(**each) for each in facts.get("movements", ()))})


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """A card that a customer of ours is saving; `customer_id` is ours, null for somebody else's."""

    id: str
    status: str
    method_id: str = ""
    customer_id: UUID | None = None

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "SetupFacts":
        """The facts from their JSON."""
        return cls(**{**facts, "customer_id": our_id(facts.get("customer_id"))})


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card at Stripe; `stripe_customer_id` is empty once it belongs to nobody."""

    id: str
    stripe_customer_id: str
    brand: str = ""
    last_four: str = ""
    exp_month: int = 1
    exp_year: int = 2000

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "CardFacts":
        """The facts from their JSON."""
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class MovementFacts:
    """One movement of money on the account, as the balance knows it; cents, negative when they left.

    `intent_id` is that of the payment it belongs to, empty for payouts and the like. `is_ours` says that its source
    carries our mark.
    """

    id: str
    category: str
    amount_cents: int
    fee_cents: int
    currency: str
    made_at: datetime
    source_id: str = ""
    intent_id: str = ""
    is_ours: bool = False

    @property
    def is_of_refund(self) -> bool:
        """Whether money went back to a customer, or came back since it did not get there."""
        return self.category in ("refund", "refund_failure")


Facts = IntentFacts | RefundFacts | ChargeFacts | DisputeFacts | SetupFacts | CardFacts
Kind = (
    type[IntentFacts] | type[RefundFacts] | type[ChargeFacts] | type[DisputeFacts] | type[SetupFacts] | type[CardFacts]
)


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """A webhook of a type that we act on, without the parts of it that must not be kept."""

    id: str
    type: str
    facts: Facts

    def as_row(self) -> dict[str, Any]:
        """Its facts as JSON values; `stored_event` is the way back."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self.facts).items()}


_KINDS: dict[str, Kind] = {
    **{f"payment_intent.{verb}": IntentFacts for verb in ("processing", "payment_failed", "succeeded", "canceled")},
    **{f"refund.{verb}": RefundFacts for verb in ("created", "updated", "failed")},
    "charge.refund.updated": RefundFacts,
    "charge.refunded": ChargeFacts,
    **{
        f"charge.dispute.{verb}": DisputeFacts
        for verb in ("created", "updated", "funds_withdrawn", "funds_reinstated", "closed")
    },
    "setup_intent.succeeded": SetupFacts,
    **{f"payment_method.{verb}": CardFacts for verb in ("updated", "automatically_updated", "detached")},
}
EVENT_TYPES = tuple(_KINDS)
"""The types of webhooks that have an effect here; all others are acknowledged and forgotten."""


def kind_of(event_type: str) -> Kind | None:
    """What an event of this type is about; null for types that nothing here acts on."""
    return _KINDS.get(event_type)


def stored_event(event_id: str, event_type: str, facts: dict[str, Any]) -> StripeEvent:
    """A stored webhook; raises `ValueError`, `TypeError` or `KeyError` for one that this version can't read."""
    kind = kind_of(event_type)
    if kind is None:
        raise ValueError(f"{event_type} has no effect here")
    return StripeEvent(event_id, event_type, kind.stored(facts))
