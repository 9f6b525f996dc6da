"""Which days can still be booked. Nothing in the answers says whose bookings fill them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from shared.clock import Clock, business_date
from shared.contracts.base import ServiceType
from shared.contracts.catalog import CatalogSnapshot, SurchargeRule
from shared.db.engine import Database
from sqlalchemy import bindparam, select

from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.pauses import Pauses
from booking.adapters.sales_tables import capacity_days
from booking.domain.capacity import NoCapacity, load_of, nearest_days, places_of
from booking.domain.day_windows import OpenWindow, open_windows
from booking.domain.surcharges import rules_of_day

SERVICE_TYPES: tuple[ServiceType, ...] = get_args(ServiceType)
_BEST_FIRST = ("open", "limited", "full")

_USED = select(capacity_days).where(capacity_days.c.day.between(bindparam("first"), bindparam("last")))

Taken = dict[tuple[date, str], int]


@dataclass(frozen=True, slots=True)
class DayOffer:
    """What a day offers: `status` is `open`, `limited` or `full`; a full day has no windows."""

    day: date
    status: str
    windows: Sequence[OpenWindow]
    surcharges: Sequence[SurchargeRule]


class Availability:
    """Answers from the counted places, the newest catalogue and the pauses."""

    def __init__(
        self, database: Database, catalog: CatalogCopy, pauses: Pauses, clock: Clock, timezone: ZoneInfo
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._pauses = pauses
        self._clock = clock
        self._timezone = timezone

    @property
    def today(self) -> date:
        """The present day of the business."""
        return business_date(self._clock(), self._timezone)

    async def days(self, first: date, last: date, service_type: ServiceType | None) -> list[DayOffer]:
        """Every day from `first` to `last`; without a type a day is as open as the type with most places left."""
        catalog, now = self._catalog.newest(), self._clock()
        taken = await self._taken(first, last)
        types = (service_type,) if service_type else SERVICE_TYPES
        span = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [self._offer(day, types, catalog, taken, now) for day in span]

    async def full(self, day: date, service_type: ServiceType) -> NoCapacity:
        """The refusal for a full day, with the three nearest free ones."""
        catalog, now = self._catalog.newest(), self._clock()
        first = self.today
        last = first + timedelta(days=catalog.policies.booking_horizon_days)
        taken = await self._taken(first, last)

        def is_free(other: date) -> bool:
            return self._offer(other, (service_type,), catalog, taken, now).status != "full"

        return NoCapacity(nearest_dates=nearest_days(day, first, last, is_free))

    def _offer(
        self, day: date, types: Sequence[ServiceType], catalog: CatalogSnapshot, taken: Taken, now: datetime
    ) -> DayOffer:
        windows = open_windows(day, types, catalog, now, self._timezone)
        loads = [self._load(day, one, catalog, taken) for one in types] if windows else ["full"]
        status = min(loads, key=_BEST_FIRST.index)
        return DayOffer(day, status, windows if status != "full" else (), rules_of_day(day, types, catalog))

    def _load(self, day: date, service_type: ServiceType, catalog: CatalogSnapshot, taken: Taken) -> str:
        horizon = self.today + timedelta(days=catalog.policies.booking_horizon_days)
        if day > horizon or self._pauses.message_for(service_type, day) is not None:
            return "full"
        return load_of(places_of(catalog.policies, service_type, day), taken.get((day, service_type), 0))

    async def _taken(self, first: date, last: date) -> Taken:
        rows: Sequence[Any] = await self._database.fetch_all(_USED, {"first": first, "last": last})
        return {(row.day, row.service_type): row.used for row in rows}
