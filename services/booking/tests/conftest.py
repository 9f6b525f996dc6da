"""Booking under test: the real service on a database of its own, payments and catalog at the other end of HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from booking.service import SERVICE
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import BOOKING_KEY, MovableClock, RunningService, running

from .factories import NOW
from .other_services import OtherServices

NOBODY = "http://127.0.0.1:1"
"""Whatever runs on this machine, nobody answers here."""


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
async def others() -> AsyncIterator[OtherServices]:
    servers = OtherServices()
    await servers.start()
    yield servers
    await servers.stop()


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, others: OtherServices, clock: MovableClock, tmp_path: Path
) -> AsyncIterator[RunningService]:
    async with running(
        SERVICE,
        database_factory,
        clock,
        payments_url=others.url,
        catalog_url=others.url,
        customers_url=NOBODY,
        notifications_url=NOBODY,
        identity_private_key=BOOKING_KEY,
        documents_dir=tmp_path / "documents",
    ) as started:
        yield started
