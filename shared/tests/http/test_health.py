"""A health check says what is wrong, and says it in time."""

import asyncio

import pytest
from shared.http import health
from shared.http.health import readiness, run_check


async def test_a_check_that_is_slow_to_give_up_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    answered = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await answered.wait()

    async with asyncio.timeout(30):
        assert await run_check(stubborn) == "TimeoutError"
    answered.set()


async def test_what_is_wrong_is_told_by_its_kind() -> None:
    async def wrong() -> None:
        raise ConnectionError("host and password")

    async def fine() -> None:
        return

    assert await readiness({"database": wrong, "schema": fine}) == (
        503,
        b'{"status":"down","checks":{"database":"ConnectionError","schema":"ok"}}',
    )
