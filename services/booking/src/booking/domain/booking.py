"""A booking and the steps it can take. A booking never changes in place: each step gives the next version of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from shared.clock import in_utc
from shared.contracts.base import BookingStatus, PackageType, PickupTime, ServiceType
from shared.errors import Conflict

from booking.domain.cancellation import CancellationRefund

TRANSITIONS: Mapping[BookingStatus, tuple[BookingStatus, ...]] = {
    "pending": ("confirmed", "paid", "cancelled", "expired"),
    "confirmed": ("paid", "cancelled"),
    "paid": ("in_progress", "cancelled"),
    "in_progress": ("completed", "cancelled"),
    "completed": (),
    "cancelled": (),
    "expired": (),
}
"""From each status to those that may follow it; the last three are final."""

OVER: frozenset[BookingStatus] = frozenset({"cancelled", "expired"})
"""What is over holds no place."""

ActorKind = Literal["guest", "customer", "staff", "crew", "payment", "clock"]


_MAY_SET: Mapping[ActorKind, frozenset[BookingStatus]] = {
    "guest": frozenset({"cancelled"}),
    "customer": frozenset({"cancelled"}),
    "staff": frozenset({"confirmed", "in_progress", "completed", "cancelled"}),
    "crew": frozenset({"in_progress", "completed"}),
    "payment": frozenset({"paid"}),
    "clock": frozenset({"expired"}),
}

_UNDER_WAY: frozenset[BookingStatus] = frozenset({"in_progress"})
"""Once the crew has picked up, only the crew can end a move and only staff can stop it."""


class InvalidTransition(Conflict):
    """The booking can't take this step; `allowed` names the statuses that it can go to."""

    code = "invalid_transition"
    message = "The booking can't go to this status."


class StaleVersion(Conflict):
    """Somebody changed the booking since the caller read it; `version` is the present one."""

    code = "stale_version"
    message = "The booking was changed meanwhile. Please load it again."


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: a person with an account's id, or a payment, or the clock."""

    kind: ActorKind
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking at one version. Amounts in cents, instants in UTC, `pickup_date` in the business time zone.

    The structured members are plain JSON values in the shapes of the contracts: `specialty_items` of `BookedItem`,
    the addresses of `Address`, `prices` of `PriceLines`; `price_detail` holds `surcharges`, `explanations`,
    `organizing_services` and `zones` as they were quoted; `status_history` every step since the first; `adjustments` of
    `Adjustment`, with the `payment_id` that paid it and the `fee_cents` of late moves that are part of it.
    `returned_cents` went back because a change made it cheaper. `refund_cap_percent`: a cancellation by the customer
    refunds no more than this, since a late move gives up what a cancellation at that moment would have.

    `holds_place`: one of its day's places is kept for it. An unpaid booking keeps it until `hold_expires_at`.
    """

    id: UUID
    booking_number: str
    version: int
    status: BookingStatus
    customer_id: UUID | None
    first_name: str
    last_name: str
    email: str
    phone: str
    service_type: ServiceType
    package_type: PackageType | None
    item_count: int | None
    item_description: str
    specialty_items: list[dict[str, Any]]
    include_packing: bool
    include_unpacking: bool
    is_same_day: bool
    coi_required: bool
    is_outside_core_area: bool
    pickup_date: date
    pickup_time: PickupTime
    specific_pickup_hour: int | None
    window_start: datetime
    window_end: datetime
    pickup_address: dict[str, Any]
    delivery_address: dict[str, Any]
    special_instructions: str
    internal_notes: str
    catalog_version: int
    total_price_cents: int
    prices: dict[str, int]
    price_detail: dict[str, Any]
    discount_code: str | None
    manage_token_sha256: str
    manage_token_sealed: str
    saved_address_ids: list[str]
    status_history: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
    paid_cents: int = 0
    paid_payment_id: UUID | None = None
    paid_at: datetime | None = None
    expires_at: datetime | None = None
    crew_id: UUID | None = None
    crew_name: str = ""
    van_id: UUID | None = None
    van_name: str = ""
    stop_sequence: int = 0
    holds_place: bool = False
    hold_expires_at: datetime | None = None
    adjustments: list[dict[str, Any]] = field(default_factory=list)
    returned_cents: int = 0
    refund_cap_percent: int = 100

    def may_be_paid(self, now: datetime) -> bool:
        """Whether there is time left to begin a payment; only a booking that waits for its payment has an end of it."""
        return self.expires_at is None or now < self.expires_at

    def moved(self, status: BookingStatus, actor: Actor, now: datetime, reason: str = "", **details: Any) -> "Booking":
        """The booking in its next status; raises `InvalidTransition` unless `actor` may take this step.

        `details` are kept with the step in the status history.
        """
        if status not in (allowed := allowed_steps(self.status, actor.kind)):
            raise InvalidTransition(
                f"A booking that is {in_words(self.status)} can't become {in_words(status)}.",
                booking_status=self.status,
                allowed=list(allowed),
            )
        return replace(
            self.touched(now),
            status=status,
            status_history=[*self.status_history, {**step(self.status, status, actor, now, reason), **details}],
            expires_at=None,
            hold_expires_at=None,
            holds_place=self.holds_place and status not in OVER,
            adjustments=[_closed(one) for one in self.adjustments] if status in OVER else self.adjustments,
        )

    def paid(self, payment_id: UUID | None, amount_cents: int, now: datetime, reason: str = "") -> "Booking":
        """The booking after `amount_cents` were captured for it; `payment_id` is null when nothing was to pay."""
        following = self.moved("paid", Actor("payment", payment_id), now, reason)
        return replace(following, paid_cents=amount_cents, paid_payment_id=payment_id, paid_at=now)

    def cancelled(self, actor: Actor, now: datetime, reason: str, refund: CancellationRefund) -> "Booking":
        """The booking after its cancellation, which says in the history what goes back."""
        return self.moved(
            "cancelled", actor, now, reason, refund_percent=refund.percent, refund_cents=refund.amount_cents
        )

    @property
    def cancellation_refund(self) -> CancellationRefund:
        """What went back when this booking, which is cancelled, was cancelled."""
        last = self.status_history[-1]
        return CancellationRefund(last["refund_percent"], last["refund_cents"])

    def touched(self, now: datetime, **changes: Any) -> "Booking":
        """The booking's next version with `changes` that leave its status as it is."""
        return replace(self, version=self.version + 1, updated_at=now, **changes)


def _closed(adjustment: dict[str, Any]) -> dict[str, Any]:
    """Nobody pays for a change of a booking that is over."""
    return {**adjustment, "status": "void"} if adjustment["status"] == "open" else adjustment


def in_words(code: str) -> str:
    """A status or another code as people write it, such as "in progress"."""
    return code.replace("_", " ")


def allowed_steps(status: BookingStatus, kind: ActorKind) -> tuple[BookingStatus, ...]:
    """The statuses that a booking in `status` can be brought to by such an actor."""
    if status in _UNDER_WAY and kind not in ("staff", "crew"):
        return ()
    return tuple(target for target in TRANSITIONS[status] if target in _MAY_SET[kind])


def step(
    before: BookingStatus | None, after: BookingStatus, actor: Actor, now: datetime, reason: str = ""
) -> dict[str, Any]:
    """An entry of the status history: what, when, who and why. The first step of a booking comes from null."""
    return {
        "from_status": before,
        "to_status": after,
        "changed_at": in_utc(now),
        "changed_by": actor.kind,
        "changed_by_id": str(actor.id) if actor.id else None,
        "reason": reason,
    }
