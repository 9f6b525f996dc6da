"""With many bookings no list reads all of them: the plans go by indexes."""

from datetime import date
from itertools import product
from typing import Any, get_args

import pytest
from booking.queries import staff_list
from booking.queries.staff_list import Ordering, StaffFilters, StaffList
from shared.http.paging import Page
from shared.testing.service import RunningService
from sqlalchemy import Select

from ..many_bookings import MANY, add_many_bookings

DAY = date(2026, 1, 5)
RARE = (
    StaffFilters(customer_search="person777@"),
    StaffFilters(customer_search="last77"),
    StaffFilters(pickup_date=DAY),
    StaffFilters(pickup_date_from=DAY, pickup_date_to=DAY, status="paid"),
)
COMMON = (
    StaffFilters(),
    StaffFilters(status="completed"),
    StaffFilters(service_type="mini_move"),
    StaffFilters(status="completed", service_type="mini_move"),
)


@pytest.fixture
async def many(service: RunningService) -> RunningService:
    await add_many_bookings(service.database)
    return service


async def plan_of(service: RunningService, statement: Select[Any], parameters: dict[str, Any]) -> str:
    async with service.database.reading() as connection:
        return await connection.plan_of(statement, parameters)


async def test_no_page_and_no_count_reads_all_bookings(many: RunningService) -> None:
    for filters, ordering in product((*RARE, *COMMON), get_args(Ordering)):
        wanted = filters.parameters
        page = await plan_of(many, staff_list._page(tuple(wanted), ordering), {**wanted, "size": 20, "skipped": 0})
        assert "Seq Scan on bookings" not in page, (filters, ordering, page)
    for filters in (*RARE, *COMMON):
        wanted = filters.parameters
        count = await plan_of(many, staff_list._count(tuple(wanted)), wanted)
        assert "Seq Scan on bookings" not in count, (filters, count)


async def test_a_search_goes_by_the_words(many: RunningService) -> None:
    wanted = RARE[0].parameters
    for statement in (staff_list._page(tuple(wanted), "-created_at"), staff_list._count(tuple(wanted))):
        assert "booking_listings_words" in await plan_of(many, statement, {**wanted, "size": 20, "skipped": 0})


async def test_a_rare_payment_status_goes_by_its_index(many: RunningService) -> None:
    wanted = StaffFilters(payment_status="failed").parameters
    page = await plan_of(many, staff_list._page(tuple(wanted), "-created_at"), {**wanted, "size": 20, "skipped": 0})
    assert "booking_listings_payment" in page


async def test_a_download_goes_on_where_it_was_and_misses_nothing(many: RunningService) -> None:
    bookings = StaffList(many.database)
    for ordering in get_args(Ordering):
        numbers = [row.booking_number async for row in bookings.all(StaffFilters(), ordering)]
        assert len(numbers) == len(set(numbers)) == MANY
        first, _ = await bookings.page(StaffFilters(), ordering, Page(1, 100))
        assert numbers[:100] == [row.booking_number for row in first]
