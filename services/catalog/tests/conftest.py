"""The catalogue under test, on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from catalog.service import SERVICE
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService, running
from shared.testing.waiting import wait_until_async


@pytest.fixture
async def service(database_factory: DatabaseFactory) -> AsyncIterator[RunningService]:
    async with running(SERVICE, database_factory) as started, started.as_caller() as visitor:

        async def is_loaded() -> bool:
            return (await visitor.get("/api/bookings/services/")).status_code == 200

        await wait_until_async(is_loaded, what="the first catalogue")
        yield started
