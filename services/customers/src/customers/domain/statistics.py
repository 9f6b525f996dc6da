"""What a customer's bookings add up to, and who is a VIP."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict

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


class TooFewForVip(Conflict):
    """Nobody is made a VIP by hand before 5 bookings or $1,000."""

    code = "vip_not_reached"
    message = "A customer can be made a VIP from 5 bookings or $1,000 on."


class VipByBookings(Conflict):
    """Who has 10 bookings or $2,000 is a VIP, whatever the office says."""

    code = "vip_by_bookings"
    message = "This customer is a VIP by 10 bookings or $2,000, which can't be taken back by hand."


def require_vip_change(totals: Totals, is_vip: bool) -> None:
    """Raises `TooFewForVip` or `VipByBookings` when staff may not set the mark so."""
    if is_vip and not totals.may_be_made_vip:
        raise TooFewForVip()
    if not is_vip and totals.is_vip:
        raise VipByBookings()
