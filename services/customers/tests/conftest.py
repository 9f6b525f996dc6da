"""The customers service under test, on a database of each test's own."""

from collections.abc import AsyncIterator

import pytest
from customers.service import SERVICE
from shared.http.identity import generate_private_key
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running

from .factories import hire
from .other_services import OtherServices


@pytest.fixture
def clock() -> MovableClock:
    """The service's clock; it stands still until a test moves it."""
    return MovableClock()


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
