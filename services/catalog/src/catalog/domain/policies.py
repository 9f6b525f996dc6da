"""Which terms of business go together."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from shared.contracts.catalog import Policies
from shared.errors import Invalid

_WINDOWS = {"morning", "no_time_preference"}
_IN_PARTS = ("daily_capacity", "time_window_fees_cents")


def merge_policies(before: Policies, changes: Mapping[str, Any]) -> Policies:
    """The settings with `changes` in place of what they were, each as a whole.

    In those that tell of service types, and of packages, what is not named keeps its value: who changes the capacity
    for mini moves does not mean that nothing else is moved any more.
    """
    known = before.model_dump()
    parts = {name: _merge(known[name], changes[name]) for name in _IN_PARTS if name in changes}
    return Policies.model_validate(known | dict(changes) | parts)


def _merge(before: Any, change: Any) -> Any:
    if isinstance(before, dict) and isinstance(change, dict):
        return before | {name: _merge(before.get(name), value) for name, value in change.items()}
    return change


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
