"""One whole stack for all stories; it trusts the tests as its proxy, so that each browser has an address of its own."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from devstack.testing import RunningStack

from .browser import Browser
from .world import World

MANY = 10_000


def make_room(stack: dict[str, Any]) -> None:
    """Has each day take as many moves as all stories together may book on it."""
    wanted = {"daily_capacity": dict.fromkeys(("mini_move", "standard_delivery", "specialty_item"), MANY)}

    async def change() -> None:
        async with Browser(stack) as staff:
            await staff.log_in_as_admin(stack)
            token = {"X-CSRFToken": staff.csrf_token}
            changed = await staff.http.put("/api/staff/catalog/policies/", json=wanted, headers=token)
            assert changed.status_code == 200, changed.text

    asyncio.run(change())


@pytest.fixture(scope="session")
def running_stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """The stack; its folder, logs and databases in it, is kept when a story failed."""
    folder = Path(tempfile.mkdtemp(prefix="totetaxi-e2e-"))
    folder.chmod(0o755)
    running = RunningStack(folder, {"TRUSTED_PROXIES": "127.0.0.0/8"}).start()
    make_room(running.stack)
    yield running
    running.stop()
    if request.session.testsfailed:
        request.config.get_terminal_writer().line(f"\nLogs and databases of the stack: {folder}")
        return
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def world(running_stack: RunningStack) -> AsyncIterator[World]:
    found = World(running_stack)
    yield found
    await found.sandbox("DELETE", "/faults")
    await found.sandbox("POST", "/webhooks", {"drop": False, "paused": False, "duplicates": 0, "shuffle_seconds": 0})


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with Browser(world.stack) as visitor:
        yield visitor
