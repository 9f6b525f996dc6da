"""A model of bookings in memory, simple enough to be right at a glance: what the real service is held against."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CAPACITY = 3
CODE_USES = 2
HOLD, EXPIRY = timedelta(minutes=30), timedelta(hours=24)
ORDINARY, OTHER, SATURDAY = "2027-02-03", "2027-02-04", "2027-02-06"
PRICES = {ORDINARY: 28_500, OTHER: 28_500, SATURDAY: 33_500}
DISCOUNT = 1_000


@dataclass
class Told:
    """A booking as the model believes it to be; cents, and `adjustments` as (cents, status)."""

    day: str
    total: int
    made_at: datetime
    status: str = "pending"
    has_code: bool = False
    holds: bool = True
    hold_ends: datetime | None = None
    paid: int = 0
    returned: int = 0
    adjustments: list[tuple[int, str]] = field(default_factory=list)
    payment: Any = None
    is_processing: bool = False
    instructions: str = ""
    has_crew: bool = False

    @property
    def is_over(self) -> bool:
        return self.status in ("cancelled", "expired")

    def end(self, status: str) -> None:
        self.status, self.holds, self.hold_ends = status, False, None
        self.adjustments = [(cents, "void" if how == "open" else how) for cents, how in self.adjustments]

    def settle(self) -> None:
        """One open adjustment asks for what is missing; what is too much goes back."""
        missing = self.total - (self.paid - self.returned)
        kept = [(cents, "void" if how == "open" and cents != missing else how) for cents, how in self.adjustments]
        if missing > 0 and (missing, "open") not in kept:
            kept.append((missing, "open"))
        self.adjustments = kept
        self.returned += max(0, -missing)


@dataclass
class Model:
    """All bookings of one history, and the rules about what they share."""

    bookings: dict[str, Told] = field(default_factory=dict)

    def used(self, day: str) -> int:
        return sum(one.holds and one.day == day for one in self.bookings.values())

    @property
    def uses(self) -> int:
        return sum(one.has_code and not one.is_over for one in self.bookings.values())

    def price(self, day: str, has_code: bool) -> int:
        return PRICES[day] - (DISCOUNT if has_code else 0)

    def book(self, booking_id: str, day: str, has_code: bool, now: datetime) -> None:
        total = self.price(day, has_code)
        self.bookings[booking_id] = Told(day, total, now, has_code=has_code, hold_ends=now + HOLD)

    def succeed(self, one: Told, amount: int) -> None:
        if one.status not in ("pending", "confirmed"):
            return
        one.status, one.paid, one.holds, one.hold_ends = "paid", amount, True, None
        one.settle()

    def confirm(self, one: Told) -> bool:
        if not one.holds and self.used(one.day) >= CAPACITY:
            return False
        one.status, one.holds, one.hold_ends = "confirmed", True, None
        return True

    def reschedule(self, one: Told, day: str, now: datetime) -> None:
        if not one.holds:
            one.hold_ends = now + HOLD
        one.day, one.holds, one.total, one.has_crew = day, True, self.price(day, one.has_code), False
        if one.status == "paid":
            one.settle()

    def let_time_pass(self, now: datetime) -> None:
        for one in self.bookings.values():
            if one.status != "pending" or one.is_processing:
                continue
            if now >= one.made_at + EXPIRY:
                one.end("expired")
            elif one.hold_ends is not None and now >= one.hold_ends:
                one.holds = False
