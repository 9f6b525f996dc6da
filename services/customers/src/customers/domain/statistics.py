"""What a customer's bookings add up to, and who is a VIP."""

from dataclasses import dataclass
from datetime import datetime

VIP_BOOKINGS = 10
VIP_SPENT_CENTS = 200_000
VIP_BY_HAND_BOOKINGS = 5
VIP_BY_HAND_SPENT_CENTS = 100_000


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a customer's bookings.

    `total_bookings` counts those that were paid and not cancelled, `last_booking_at` is when the last of them was paid.
    `total_spent_cents` is all that was paid less all that went back, so what the office keeps of a cancelled booking
    stays in it.
    """

    total_bookings: int = 0
    total_spent_cents: int = 0
    last_booking_at: datetime | None = None

    @property
    def is_vip(self) -> bool:
        """Whether these totals alone make a VIP: 10 bookings or $2,000."""
        return self.total_bookings >= VIP_BOOKINGS or self.total_spent_cents >= VIP_SPENT_CENTS

    @property
    def may_be_made_vip(self) -> bool:
        """Whether staff may make this customer a VIP by hand: from 5 bookings or $1,000."""
        return self.total_bookings >= VIP_BY_HAND_BOOKINGS or self.total_spent_cents >= VIP_BY_HAND_SPENT_CENTS
