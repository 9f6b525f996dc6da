"""What is asked every minute of a busy day goes by an index, once there are many days."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from booking.commands.assign_booking import _OTHERS_OF_VAN
from booking.queries.day import _OF_CREW, _OF_DAY
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import Select, text

from ..many_bookings import add_many_bookings

DAY = date(2026, 11, 30)
CREWS: list[UUID] = [new_id() for _ in range(5)]
VANS: list[UUID] = [new_id() for _ in range(5)]
_FLEET = text("""
WITH added AS (
    INSERT INTO crews (id, name, members, phone, is_active, created_at, updated_at)
    SELECT id, CAST(id AS text), '[]', '', true, now(), now() FROM unnest(CAST(:crews AS uuid[])) AS id
)
INSERT INTO vans (id, name, plate, is_active, created_at, updated_at)
SELECT id, CAST(id AS text), CAST(id AS text), true, now(), now() FROM unnest(CAST(:vans AS uuid[])) AS id
""")
_ASSIGN = text("""
UPDATE bookings SET crew_id = (CAST(:crews AS uuid[]))[1 + total_price_cents / 100 % 5],
    van_id = (CAST(:vans AS uuid[]))[1 + total_price_cents / 100 % 5]
WHERE status = 'paid'
""")


@pytest.fixture
async def many(service: RunningService) -> RunningService:
    await add_many_bookings(service.database)
    async with service.database.transaction() as connection:
        for statement in (_FLEET, _ASSIGN):
            await connection.execute(statement, {"crews": CREWS, "vans": VANS})
        await connection.execute(text("ANALYZE bookings"))
    return service


@pytest.mark.parametrize(
    ("statement", "parameters", "index"),
    [
        (_OF_DAY, {"day": DAY}, "bookings_by_pickup"),
        (_OF_CREW, {"day": DAY, "crew": CREWS[0]}, "bookings_of_crew"),
        (_OTHERS_OF_VAN, {"day": DAY, "van": VANS[0], "booking": new_id()}, "bookings_of_van"),
    ],
)
async def test_a_day_is_found_by_an_index(
    many: RunningService, statement: Select[Any], parameters: dict[str, Any], index: str
) -> None:
    async with many.database.reading() as connection:
        assert index in await connection.plan_of(statement, parameters)
