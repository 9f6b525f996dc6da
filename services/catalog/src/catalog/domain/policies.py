"""Which terms of business go together."""

from collections import Counter

from shared.contracts.catalog import Policies
from shared.errors import Invalid

_WINDOWS = {"morning", "no_time_preference"}


def check_policies(policies: Policies) -> None:
    """Raises `Invalid` with an error for each setting that contradicts itself."""
    errors = {field: [sentence] for field, sentence in (_tiers(policies), *_windows(policies)) if sentence}
    if len(set(policies.blackout_dates)) < len(policies.blackout_dates):
        errors["blackout_dates"] = ["Give each date only once."]
    if errors:
        raise Invalid(errors)


def _tiers(policies: Policies) -> tuple[str, str]:
    """Whoever cancels earlier never gets less back."""
    field, tiers = "cancellation_tiers", sorted(policies.cancellation_tiers, key=lambda tier: tier.hours_before)
    if not tiers:
        return field, "Give at least one tier."
    if max(Counter(tier.hours_before for tier in tiers).values()) > 1:
        return field, "Give each number of hours only once."
    percents = [tier.refund_percent for tier in tiers]
    return field, "" if percents == sorted(percents) else "An earlier cancellation must not get less back."


def _windows(policies: Policies) -> list[tuple[str, str]]:
    windows = policies.pickup_windows
    if set(windows) != _WINDOWS:
        return [("pickup_windows", "Give the windows morning and no_time_preference.")]
    return [
        (f"pickup_windows.{name}", "" if opens < closes else "Must open before it closes.")
        for name, (opens, closes) in windows.items()
    ]
