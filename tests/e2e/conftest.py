"""One whole stack for all stories; it trusts the tests as its proxy, so that each browser has an address of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from devstack.testing import RunningStack

from .browser import Browser
from .world import World


@pytest.fixture(scope="session")
def running_stack() -> Iterator[RunningStack]:
    folder = Path(tempfile.mkdtemp(prefix="totetaxi-e2e-"))
    folder.chmod(0o755)
    running = RunningStack(folder, {"TRUSTED_PROXIES": "127.0.0.0/8"}).start()
    yield running
    running.stop()
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
