"""What goes back when a booking is cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.contracts.catalog import CancellationTier
from shared.money import percent_of


@dataclass(frozen=True, slots=True)
class CancellationRefund:
    """The share of the payment that goes back, in per cent, and what that is in cents."""

    percent: int
    amount_cents: int


def refund_percent(tiers: Sequence[CancellationTier], window_start: datetime, now: datetime) -> int:
    """The share that a cancellation at `now` refunds: the tier reached with the most hours left until the window.

    The very instant at which a tier's hours begin still belongs to it.
    """
    left = window_start - now
    reached = [tier for tier in tiers if left >= timedelta(hours=tier.hours_before)]
    return max(reached, key=lambda tier: tier.hours_before).refund_percent if reached else 0


def refund_on_cancellation(
    percent: int, paid_cents: int, left_cents: int, unpaid_fee_cents: int = 0, owed_cents: int = 0
) -> CancellationRefund:
    """`percent` of what was paid without the fees of moves that are owed still, and never less than nothing.

    `owed_cents` are to go back whatever the policy says. It is never more than `left_cents`, what earlier refunds left
    of the payments.
    """
    from_policy = percent_of(paid_cents, Decimal(percent)) - unpaid_fee_cents
    return CancellationRefund(percent, max(0, min(from_policy + owed_cents, left_cents)))
