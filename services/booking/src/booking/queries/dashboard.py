"""The office's day at a glance: how many bookings, how much money, what happened last, what needs somebody."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import Clock
from shared.db.engine import Database
from sqlalchemy import Row

from booking.adapters.catalog_copy import CatalogCopy
from booking.domain.capacity import places_of
from booking.domain.periods import Periods, periods_at
from booking.queries.availability import SERVICE_TYPES
from booking.queries.dashboard_statements import (
    ACTIVITY,
    CREATED,
    HELD,
    IN_ALL,
    MONEY,
    OPEN_ALERTS,
    PICKUPS,
    TROUBLES,
    UNPAID_DUE,
)

KEPT_FOR = timedelta(seconds=60)
"""How old an answer may be. Every process keeps its own; the product promises five minutes at most."""

SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the dashboard shows, as rows; `money` is for those who may see it."""

    at: datetime
    periods: Periods
    in_all: Sequence[Row[Any]]
    created: Row[Any]
    pickups: Row[Any]
    money: Row[Any]
    load: Sequence[Mapping[str, Any]]
    activity: Sequence[Row[Any]]
    alerts: Sequence[Row[Any]]
    unpaid: Sequence[Row[Any]]
    troubles: Row[Any]


class Dashboard:
    """Reads the overview, and keeps it for a minute. Who comes while it is read waits for it instead of reading too."""

    def __init__(self, database: Database, catalog: CatalogCopy, clock: Clock, timezone: ZoneInfo) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._timezone = timezone
        self._kept: Overview | None = None
        self._reading = asyncio.Lock()

    async def overview(self) -> Overview:
        """The overview as it was a minute ago at most; raises `CatalogUnknown` before the first catalogue."""
        async with self._reading:
            now = self._clock()
            if self._kept is None or not timedelta() <= now - self._kept.at < KEPT_FOR:
                self._kept = await self._read(now)
            return self._kept

    async def _read(self, now: datetime) -> Overview:
        periods = periods_at(now, self._timezone)
        since = {
            "day": periods.day_start,
            "week": periods.week_start,
            "month": periods.month_start,
            "earliest": periods.earliest,
        }
        days = {"today": periods.today, "tomorrow": periods.tomorrow}
        soon = {"now": now, "soon": now + SOON, "last_day": periods.today + timedelta(days=2), "today": periods.today}
        return Overview(
            at=now,
            periods=periods,
            in_all=await self._database.fetch_all(IN_ALL),
            created=await self._one(CREATED, since),
            pickups=await self._one(PICKUPS, days),
            money=await self._one(MONEY, since),
            load=await self._load(periods),
            activity=await self._database.fetch_all(ACTIVITY),
            alerts=await self._database.fetch_all(OPEN_ALERTS),
            unpaid=await self._database.fetch_all(UNPAID_DUE, soon),
            troubles=await self._one(TROUBLES, {"yesterday": now - SOON}),
        )

    async def _load(self, periods: Periods) -> list[dict[str, Any]]:
        policies = self._catalog.newest().policies
        rows = await self._database.fetch_all(HELD, {"tomorrow": periods.tomorrow})
        booked = {row.service_type: row.used for row in rows}
        return [
            {
                "service_type": service_type,
                "booked": booked.get(service_type, 0),
                "capacity": places_of(policies, service_type, periods.tomorrow),
            }
            for service_type in SERVICE_TYPES
        ]

    async def _one(self, statement: Any, parameters: dict[str, Any]) -> Row[Any]:
        row = await self._database.fetch_one(statement, parameters)
        assert row is not None, "totals are always one row"
        return row
