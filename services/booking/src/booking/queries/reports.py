"""How many bookings there were, day by day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import day_begins, day_ends
from shared.db.engine import Database
from sqlalchemy import Row, text

_BY_PICKUP = text("""
SELECT pickup_date AS day, service_type, status, count(*) AS bookings,
       sum(total_price_cents) AS total_price_cents, sum(paid_cents) AS paid_cents
FROM bookings WHERE pickup_date BETWEEN :first AND :last
GROUP BY pickup_date, service_type, status ORDER BY pickup_date, service_type, status
""")
_BY_CREATION = text("""
SELECT (created_at AT TIME ZONE :zone)::date AS day, service_type, status, count(*) AS bookings,
       sum(total_price_cents) AS total_price_cents, sum(paid_cents) AS paid_cents
FROM bookings WHERE created_at >= :begins AND created_at < :ends
GROUP BY 1, service_type, status ORDER BY 1, service_type, status
""")


class Reports:
    """Reads from the service's own database."""

    def __init__(self, database: Database, timezone: ZoneInfo) -> None:
        self._database = database
        self._timezone = timezone

    async def bookings(self, first: date, last: date, by_creation: bool) -> Sequence[Row[Any]]:
        """One row per business day, service type and status, in this order; days and both ends of the span are those
        of the pickup, or of the booking itself."""
        if not by_creation:
            return await self._database.fetch_all(_BY_PICKUP, {"first": first, "last": last})
        span = {
            "begins": day_begins(first, self._timezone),
            "ends": day_ends(last, self._timezone),
            "zone": self._timezone.key,
        }
        return await self._database.fetch_all(_BY_CREATION, span)
