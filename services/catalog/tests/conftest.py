"""The catalogue under test, on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from catalog.service import SERVICE
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService, running


@pytest.fixture
async def service(database_factory: DatabaseFactory) -> AsyncIterator[RunningService]:
    async with running(SERVICE, database_factory) as started:
        yield started
