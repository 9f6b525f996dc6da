"""What Stripe tells us, as facts: no claim of a browser and no guess of ours is ever one of these."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

APP = "totetaxi"
"""Metadata `app` of everything we make at Stripe; what lacks it belongs to somebody else."""


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if value else None
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
        ids = {name: _uuid(facts.get(name)) for name in ("payment_id", "booking_id")}
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
        return cls(**{**facts, "refund_id": _uuid(facts.get("refund_id"))})


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A customer's bank took a charge back, or stopped doing so."""

    id: str
    status: str
    amount_cents: int
    intent_id: str
    reason: str = ""

    @classmethod
    def stored(cls, facts: dict[str, Any]) -> "DisputeFacts":
        """The facts from their JSON."""
        return cls(**facts)


Facts = IntentFacts | RefundFacts | DisputeFacts


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """A webhook of a type that we act on, without the parts of it that must not be kept."""

    id: str
    type: str
    facts: Facts

    def as_row(self) -> dict[str, Any]:
        """Its facts as JSON values; `stored_event` is the way back."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self.facts).items()}


def kind_of(event_type: str) -> type[IntentFacts] | type[RefundFacts] | type[DisputeFacts] | None:
    """What an event of this type is about; null for types that nothing here acts on."""
    if event_type in _INTENT_EVENTS:
        return IntentFacts
    if event_type.startswith("refund."):
        return RefundFacts
    return DisputeFacts if event_type in ("charge.dispute.created", "charge.dispute.closed") else None


_INTENT_EVENTS = frozenset(
    f"payment_intent.{verb}" for verb in ("processing", "payment_failed", "succeeded", "canceled")
)
EVENT_TYPES = (
    *sorted(_INTENT_EVENTS),
    *(f"refund.{verb}" for verb in ("created", "updated", "failed")),
    "charge.dispute.created",
    "charge.dispute.closed",
)
"""The types of webhooks that have an effect here; all others are acknowledged and forgotten."""


def stored_event(event_id: str, event_type: str, facts: dict[str, Any]) -> StripeEvent:
    """A stored webhook; raises `ValueError` for a type that nothing here acts on."""
    kind = kind_of(event_type)
    if kind is None:
        raise ValueError(f"{event_type} has no effect here")
    return StripeEvent(event_id, event_type, kind.stored(facts))
