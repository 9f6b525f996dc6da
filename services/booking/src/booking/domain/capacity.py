"""How many moves a day takes, and which days are free. Days are those of the business time zone."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

from shared.contracts.base import ServiceType
from shared.contracts.catalog import Policies
from shared.errors import Conflict

NEAREST = 3
_FEW_LEFT = 4
"""A day is `limited` when no more than one in so many of its places is left."""


class NoCapacity(Conflict):
    """All places of the day are taken, or it is no working day; `nearest_dates` are the three nearest free days."""

    code = "no_capacity"
    message = "This day is fully booked. Please choose another one."


def places_of(policies: Policies, service_type: ServiceType, day: date) -> int:
    """How many moves of a type the day takes; none on a blackout date, and none of a type without a capacity."""
    return 0 if day in policies.blackout_dates else policies.daily_capacity.get(service_type, 0)


def load_of(places: int, used: int) -> str:
    """How a day looks to somebody who wants to book: `open`, `limited` or `full`."""
    left = places - used
    if left <= 0:
        return "full"
    return "limited" if left * _FEW_LEFT <= places else "open"


def nearest_days(wanted: date, first: date, last: date, is_free: Callable[[date], bool]) -> list[date]:
    """Up to three free days from `first` to `last`, the nearest to `wanted` first, of two equally near the earlier."""
    return list(islice(filter(is_free, _outwards(wanted, first, last)), NEAREST))


def _outwards(wanted: date, first: date, last: date) -> Iterator[date]:
    farthest = max(abs((last - wanted).days), abs((wanted - first).days))
    for distance in range(1, farthest + 1):
        for day in (wanted - timedelta(days=distance), wanted + timedelta(days=distance)):
            if first <= day <= last:
                yield day
