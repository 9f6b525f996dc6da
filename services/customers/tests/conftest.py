"""The customers service under test, on a database of each test's own."""

from collections.abc import AsyncIterator

import pytest
from customers.service import SERVICE
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running

from .factories import hire


@pytest.fixture
def clock() -> MovableClock:
    """The service's clock; it stands still until a test moves it."""
    return MovableClock()


@pytest.fixture
async def service(database_factory: DatabaseFactory, clock: MovableClock) -> AsyncIterator[RunningService]:
    """The running service."""
    async with running(SERVICE, database_factory, clock) as service:
        yield service


@pytest.fixture
async def staff_email(service: RunningService) -> str:
    """The address of a staff member, a manager, whose password is PASSWORD."""
    email = "sam@totetaxi.test"
    await hire(service, email, "manager", employee_id="E-1")
    return email
