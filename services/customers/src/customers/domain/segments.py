"""Groups of people that the office looks at, each by one rule."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

SegmentCode = Literal["new", "repeat", "vip", "lapsed", "guests"]
CODES: tuple[SegmentCode, ...] = get_args(SegmentCode)

NEW_FOR = timedelta(days=30)
LAPSED_AFTER = timedelta(days=180)
REPEATS_FROM = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """What the office calls a group, and who is in it."""

    code: SegmentCode
    name: str
    description: str


SEGMENTS: tuple[Segment, ...] = (
    Segment("new", "New customers", f"Registered within the last {NEW_FOR.days} days."),
    Segment("repeat", "Repeat customers", f"At least {REPEATS_FROM} paid bookings."),
    Segment("vip", "VIPs", "10 bookings or $2,000, or made a VIP by the office."),
    Segment("lapsed", "Lapsed customers", f"Booked before, but not within the last {LAPSED_AFTER.days} days."),
    Segment("guests", "Guests", "Booked as a guest and never registered."),
)


def share(part: int, whole: int) -> float:
    """`part` of `whole` as a number from 0 to 1 with four decimals; 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0


def average_cents(total_cents: int, count: int) -> int:
    """The average in cents, half a cent rounded up; 0 of nothing."""
    return (2 * total_cents + count) // (2 * count) if count else 0
