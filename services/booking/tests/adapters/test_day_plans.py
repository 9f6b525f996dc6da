"""What is asked every minute of a busy day goes by an index."""

from datetime import date
from typing import Any

import pytest
from booking.commands.assign_booking import _OTHERS_OF_VAN
from booking.queries.day import _OF_CREW, _OF_DAY
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql


async def plan_of(service: RunningService, statement: Select[Any], **parameters: Any) -> str:
    asked = statement.params(**parameters)
    literal = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    async with service.database.transaction() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = (await connection.execute(text(f"EXPLAIN {literal}"))).all()
    return "\n".join(row[0] for row in rows)


DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("statement", "parameters", "index"),
    [
        (_OF_DAY, {"day": DAY}, "bookings_by_pickup"),
        (_OF_CREW, {"day": DAY, "crew": new_id()}, "bookings_of_crew"),
        (_OTHERS_OF_VAN, {"day": DAY, "van": new_id(), "booking": new_id()}, "bookings_of_van"),
    ],
)
async def test_a_day_is_found_by_an_index(
    service: RunningService, statement: Select[Any], parameters: dict[str, Any], index: str
) -> None:
    assert index in await plan_of(service, statement, **parameters)
