"""How long an unpaid booking waits for its payment."""

from datetime import datetime, timedelta

from shared.contracts.catalog import Policies

from booking.domain.booking import ActorKind

UNPAID_FOR = timedelta(hours=72)
"""How long a booking that staff made waits at least: the link may reach somebody who is not at a computer."""


def unpaid_until(made_at: datetime, made_by: ActorKind, policies: Policies, window_end: datetime) -> datetime:
    """When it expires: after the time that the policy gives, and when its window is over at the latest."""
    by_policy = timedelta(hours=policies.unpaid_expiry_hours)
    return min(made_at + (max(by_policy, UNPAID_FOR) if made_by == "staff" else by_policy), window_end)
