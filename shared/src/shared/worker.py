"""The `worker` process of a service: relay, consumer, periodic jobs, and a small server for health checks."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI

from shared.app import instrument_database, opened
from shared.backups.job import backup_jobs
from shared.db.migrations import SchemaCheck
from shared.heartbeats import missed_count
from shared.http.health import Check, health_routes
from shared.invariants import prover
from shared.jobs import Job, JobRunner
from shared.messaging.consumer import Consumer, Stalled
from shared.messaging.housekeeping import housekeeping
from shared.messaging.operations import outbox_status
from shared.messaging.parking import parked_count
from shared.messaging.relay import Relay
from shared.serve import serve
from shared.service import Loop, Parts, Platform, Service
from shared.telemetry.setup import metrics_enabled
from shared.telemetry.vitals import BOOKS, BOOKS_EVERY_SECONDS, VITALS, VITALS_EVERY_SECONDS, Vitals

log = logging.getLogger(__name__)

STUCK_AFTER_SECONDS = 60
SHUTDOWN_SECONDS = 9


class Worker:
    """Runs a service's loops together. When one of them ends untold the process ends with 1, for its supervisor."""

    def __init__(self, service: Service[Any], platform: Platform[Any], parts: Parts) -> None:
        settings = platform.settings
        self._service = service
        self._platform = platform
        self._parts = parts
        self._relay = Relay(service.name, platform.database.url, settings.rabbitmq_url, settings.relay_poll_seconds)
        self._consumer = Consumer(
            service.name,
            settings.rabbitmq_url,
            platform.database,
            parts.commands,
            parts.event_handlers,
            settings.consumer_prefetch,
        )
        jobs = [
            *parts.jobs,
            Job("housekeeping", timedelta(minutes=5), housekeeping(platform.database, platform.clock)),
            *backup_jobs(service.name, settings, platform.clock),
        ]
        beats: dict[str, Callable[[], float]] = {
            "relay": lambda: self._relay.last_success,
            "consumer": lambda: self._consumer.last_beat,
            **{loop.name: partial(getattr, loop, "last_beat") for loop in parts.loops},
        }
        self._jobs = JobRunner(platform.database.url, jobs, beats)
        parts.commands.on_events = self._relay.wake

    async def _vital_signs(self) -> dict[str, float]:
        outbox = await outbox_status(self._platform.database)
        return {
            "outbox.oldest_age": outbox["oldest_seconds"],
            "outbox.waiting": outbox["waiting"],
            "outbox.parked": outbox["parked"],
            "messages.parked": await parked_count(self._platform.database),
            "consumer.idle_with_backlog": int(self._consumer.idle_with_backlog),
            "heartbeats.missed": await missed_count(self._platform.database),
        }

    async def _books(self) -> dict[str, float]:
        prove = self._parts.invariants or prover(self._platform.database)
        checks = (await prove(self._platform.clock()))["checks"]
        return {"invariants.violated": sum(not check["ok"] for check in checks)}

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then finishes what is in hand within about nine seconds."""
        instrument_database(self._platform)
        loops: list[Relay | Consumer | JobRunner | Vitals | Loop] = [
            self._relay, self._consumer, self._jobs, *self._parts.loops
        ]  # fmt: skip
        if metrics_enabled():
            loops.append(Vitals(self._vital_signs, VITALS, VITALS_EVERY_SECONDS))
            loops.append(Vitals(self._books, BOOKS, BOOKS_EVERY_SECONDS))
        async with opened(self._parts.resources):
            tasks = [asyncio.create_task(loop.run()) for loop in loops]
            health = asyncio.create_task(serve(self._health_app(), self._platform.settings, stop))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([stopped, health, *tasks], return_when=asyncio.FIRST_COMPLETED)
            told_to_stop = stop.is_set()
            for loop in loops:
                loop.stop()
            stop.set()
            await asyncio.wait([health, *tasks], timeout=SHUTDOWN_SECONDS)
        await self._platform.database.close()
        if self._failed([health, *tasks]) or not told_to_stop:
            raise SystemExit(1)

    def _failed(self, tasks: list[asyncio.Task[None]]) -> bool:
        errors = [error for task in tasks if task.done() and not task.cancelled() and (error := task.exception())]
        for error in errors:
            log.critical("a loop of the worker ended", exc_info=error)
        return bool(errors)

    def _health_app(self) -> FastAPI:
        app = FastAPI(openapi_url=None, telemetry={"tracing": False, "metrics": False, "logs": False})
        schema = SchemaCheck(self._platform.database, self._service.migrations)
        ready: dict[str, Check] = {"database": self._platform.database.ping, "schema": schema}
        app.include_router(health_routes(self._loops_turn, ready))
        return app

    async def _loops_turn(self) -> None:
        now = asyncio.get_running_loop().time()
        own = (loop.last_beat for loop in self._parts.loops)
        oldest = min(self._relay.last_beat, self._consumer.last_beat, *own)
        if now - oldest > STUCK_AFTER_SECONDS:
            raise Stalled("a loop of the worker does not turn")
