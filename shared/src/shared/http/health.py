"""Health endpoints: live means the process turns, ready means it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Response
from opentelemetry.instrumentation.utils import suppress_instrumentation

READY_SECONDS = 1.0

Check = Callable[[], Awaitable[None]]
"""Raises when something is not as it must be."""


async def run_check(check: Check) -> str:
    """`ok`, or the kind of what went wrong; never longer than a second."""
    checking = asyncio.ensure_future(_outcome_of(check))
    await asyncio.wait([checking], timeout=READY_SECONDS)
    if checking.done():
        return checking.result()
    # Not waited for: the driver tells a silent server to stop what it is at, which may take many seconds.
    checking.cancel()
    return TimeoutError.__name__


async def _outcome_of(check: Check) -> str:
    try:
        with suppress_instrumentation():
            await check()
    except Exception as error:  # a health check reports whatever is wrong
        return type(error).__name__
    return "ok"


async def readiness(checks: dict[str, Check]) -> tuple[int, bytes]:
    """(status, body) of a readiness answer: 200 if all checks pass, else 503."""
    results = dict(zip(checks, await asyncio.gather(*map(run_check, checks.values())), strict=True))
    ready = all(result == "ok" for result in results.values())
    body = orjson.dumps({"status": "ok" if ready else "down", "checks": results})
    return (200 if ready else 503), body


def health_routes(live: Check, ready: dict[str, Check]) -> APIRouter:
    """`/health/live` and `/health/ready`."""
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def is_live() -> Response:
        status, body = await readiness({"process": live})
        return Response(body, status, media_type="application/json")

    @router.get("/ready")
    async def is_ready() -> Response:
        status, body = await readiness(ready)
        return Response(body, status, media_type="application/json")

    return router
