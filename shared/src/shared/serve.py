"""Serves an application over HTTP until told to stop."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from shared.settings import ProcessSettings

GRACEFUL_SECONDS = 8
KEEP_ALIVE_SECONDS = 75
"""Longer than any client of ours keeps a connection, so that the client is always the one who closes."""

COLLECT_AFTER_OBJECTS = 50_000


class _Server(uvicorn.Server):
    """The process decides about signals, not the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Any, settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Serves `app` on the settings' host and port; finishes the requests in hand once `stop` is set.

    Proxy headers are never believed: who the client is comes with the identity token.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    _leave_the_program_alone()
    server = _Server(config)
    stopper = asyncio.create_task(_stop_when_told(server, stop))
    try:
        await server.serve()
    finally:
        stopper.cancel()


def _leave_the_program_alone() -> None:
    """What exists by now lives as long as the process: the collector need not look at it every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)


async def _stop_when_told(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True
