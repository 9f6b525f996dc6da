"""Arithmetic of measurements."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed; NaN when there are none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in milliseconds."""

    count: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> "Spread":
        """The spread of these durations."""
        values = sorted(milliseconds)
        return cls(len(values), percentile(values, 0.5), percentile(values, 0.99), values[-1] if values else math.nan)


def added(parts: Iterable[float]) -> float:
    """The sum; a part that could not be measured makes it NaN."""
    return math.fsum(parts)


def per_request(
    spent: Mapping[str, float], idle: Mapping[str, float], seconds: float, requests: int
) -> dict[str, float]:
    """CPU milliseconds per request of each process.

    `spent` is CPU seconds within `seconds`, `idle` CPU seconds per second without any load. What is below the idle
    rate is noise and counts as nothing.
    """
    if not requests:
        return dict.fromkeys(spent, math.nan)
    return {name: max(0.0, cpu - idle.get(name, 0.0) * seconds) * 1000 / requests for name, cpu in spent.items()}
