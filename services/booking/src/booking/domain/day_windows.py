"""The pickup windows of a day that can still be chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from shared.contracts.base import PickupTime, ServiceType
from shared.contracts.catalog import CatalogSnapshot

from booking.domain.schedule import FIRST_PICKUP_HOUR, LAST_PICKUP_HOUR, Window, pickup_window
from booking.domain.windows import ONE_HOUR


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A window to choose: its `pickup_time`, the hour of a 1-hour window, and its span in UTC."""

    pickup_time: PickupTime
    specific_pickup_hour: int | None
    span: Window


def open_windows(
    day: date, types: Sequence[ServiceType], catalog: CatalogSnapshot, now: datetime, zone: ZoneInfo
) -> list[OpenWindow]:
    """The windows of the day that have not ended by `now`; 1-hour windows only where one of the types offers them."""
    windows = catalog.policies.pickup_windows
    chosen = _choices(catalog, types)
    spans = (OpenWindow(kind, hour, pickup_window(day, kind, hour, windows, zone)) for kind, hour in chosen)
    return [window for window in spans if window.span.end > now]


def _choices(catalog: CatalogSnapshot, types: Sequence[ServiceType]) -> Iterator[tuple[PickupTime, int | None]]:
    for kind in catalog.policies.pickup_windows:
        yield cast(PickupTime, kind), None
    if any(_is_sold(catalog.policies.time_window_fees_cents.get(one)) for one in types):
        for hour in range(FIRST_PICKUP_HOUR, LAST_PICKUP_HOUR + 1):
            yield ONE_HOUR, hour


def _is_sold(fee: Any) -> bool:
    return any(price is not None for price in fee.values()) if isinstance(fee, dict) else fee is not None
