"""The customers service under test, on a database of each test's own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from customers.service import SERVICE
from shared.http.identity import generate_private_key
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running

from .factories import hire
from .other_services import OtherServices

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    """The service's clock, three weeks after BOOKED_AT; it stands still until a test moves it."""
    return MovableClock(NOW)


@pytest.fixture
async def others() -> AsyncIterator[OtherServices]:
    """The services that customers' own data is collected from."""
    servers = OtherServices()
    await servers.start()
    yield servers
    await servers.stop()


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, clock: MovableClock, others: OtherServices
) -> AsyncIterator[RunningService]:
    """The running service."""
    settings = {**others.settings, "identity_private_key": generate_private_key()}
    async with running(SERVICE, database_factory, clock, **settings) as service:
        yield service


@pytest.fixture
async def staff_email(service: RunningService) -> str:
    """The address of a staff member, a manager, whose password is PASSWORD."""
    email = "sam@totetaxi.test"
    await hire(service, email, "manager", employee_id="E-1")
    return email
