"""A model of bookings in memory, simple enough to be right at a glance: what the real service is held against."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CAPACITY = 3
CODE_USES = 2
HOLD, EXPIRY = timedelta(minutes=30), timedelta(hours=24)
NEAR, ORDINARY, OTHER, SATURDAY = "2026-11-25", "2027-02-03", "2027-02-04", "2027-02-06"
"""The first is 46 hours away when a history begins: changes cost a fee, and refunds are halves and then nothing."""

PRICES = {NEAR: 28_500, ORDINARY: 28_500, OTHER: 28_500, SATURDAY: 33_500}
CODES = {"SAVE": 1_000, "GIFT": 50_000}
"""What each code takes off; the second is more than any price."""

FEE, FREE_UNTIL = 5_000, timedelta(hours=48)
TIERS = ((timedelta(hours=48), 100), (timedelta(hours=24), 50))


def window_of(day: str) -> tuple[datetime, datetime]:
    """Mornings are from 8 to 11 in New York."""
    opens = datetime.combine(date.fromisoformat(day), time(8), ZoneInfo("America/New_York")).astimezone(UTC)
    return opens, opens + timedelta(hours=3)


def percent_at(day: str, now: datetime) -> int:
    """What a cancellation refunds, in per cent."""
    left = window_of(day)[0] - now
    return next((percent for hours, percent in TIERS if left >= hours), 0)


@dataclass
class Told:
    """A booking as the model believes it to be; cents, and `adjustments` as (cents, status)."""

    day: str
    total: int
    made_at: datetime
    status: str = "pending"
    code: str | None = None
    fees: int = 0
    unpaid_fee: int = 0
    cap: int = 100
    refunded: int = 0
    late_payment: bool = False
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

    @property
    def expires_at(self) -> datetime:
        return min(self.made_at + EXPIRY, window_of(self.day)[1])

    def settle(self, fee: int) -> None:
        """One open adjustment asks for what is missing; what is too much goes back."""
        missing = self.total - (self.paid - self.returned)
        kept = [(cents, "void" if how == "open" and cents != missing else how) for cents, how in self.adjustments]
        if missing > 0 and (missing, "open") not in kept:
            kept.append((missing, "open"))
        self.adjustments = kept
        self.unpaid_fee = min(max(0, missing), self.unpaid_fee + fee)
        self.give_back(max(0, -missing))

    def give_back(self, cents: int) -> None:
        self.returned += cents
        self.refunded += cents

    def pay_last_change(self) -> None:
        cents, how = self.adjustments[-1]
        self.paid += cents
        if how == "open":
            self.adjustments[-1], self.unpaid_fee = (cents, "paid"), 0
        else:
            self.give_back(cents)


@dataclass
class Model:
    """All bookings of one history, and the rules about what they share."""

    bookings: dict[str, Told] = field(default_factory=dict)

    def used(self, day: str) -> int:
        return sum(one.holds and one.day == day for one in self.bookings.values())

    @property
    def uses(self) -> dict[str, int]:
        using = [one.code for one in self.bookings.values() if not one.is_over]
        return {code: using.count(code) for code in CODES}

    def price(self, day: str, code: str | None) -> int:
        return max(0, PRICES[day] - (CODES[code] if code else 0))

    def book(self, booking_id: str, day: str, code: str | None, now: datetime) -> None:
        total = self.price(day, code)
        one = self.bookings[booking_id] = Told(day, total, now, code=code, hold_ends=now + HOLD)
        if not total:
            one.status, one.hold_ends = "paid", None

    def succeed(self, one: Told, amount: int) -> None:
        if one.is_over and not one.paid and not one.late_payment:
            one.late_payment = True
            one.refunded += amount
        if one.status not in ("pending", "confirmed"):
            return
        one.status, one.paid, one.holds, one.hold_ends = "paid", amount, True, None
        one.settle(one.fees)

    def refund_of(self, one: Told, now: datetime) -> int:
        """What a cancellation by the customer gives back."""
        percent = min(one.cap, percent_at(one.day, now))
        return max(0, (one.paid - one.returned) * percent // 100 - one.unpaid_fee)

    def confirm(self, one: Told) -> bool:
        if not one.holds and self.used(one.day) >= CAPACITY:
            return False
        one.status, one.holds, one.hold_ends = "confirmed", True, None
        return True

    def reschedule(self, one: Told, day: str, now: datetime) -> None:
        if not one.holds:
            one.hold_ends = now + HOLD
        fee = FEE if window_of(one.day)[0] - now < FREE_UNTIL else 0
        if one.status == "paid":
            one.cap = min(one.cap, percent_at(one.day, now))
        one.fees += fee
        one.day, one.holds, one.has_crew = day, True, False
        one.total = self.price(day, one.code) + one.fees
        if one.status == "paid":
            one.settle(fee)

    def let_time_pass(self, now: datetime) -> None:
        for one in self.bookings.values():
            if one.status != "pending" or one.is_processing:
                continue
            if now >= one.expires_at:
                one.end("expired")
            elif one.hold_ends is not None and now >= one.hold_ends:
                one.holds = False
