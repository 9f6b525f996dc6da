"""Periodic jobs: each runs in one worker at a time and leaves a heartbeat."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg.rows import DictRow, dict_row

from shared.db.engine import CONNECT_TIMEOUT_SECONDS
from shared.telemetry import meter, tracer

log = logging.getLogger(__name__)

_duration = meter.create_histogram("job.duration", unit="s", description="How long a periodic job took")

TICK_SECONDS = 0.5
BEATS_EVERY_SECONDS = 10

_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 1)) AS held"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 1))"
_REGISTER = """
INSERT INTO heartbeats (name, kind, every_seconds) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, every_seconds = excluded.every_seconds
"""
_IS_DUE = """
SELECT last_started_at IS NULL OR last_started_at <= clock_timestamp() - make_interval(secs => %(every)s) AS due
FROM heartbeats WHERE name = %(name)s
"""
_STARTED = "UPDATE heartbeats SET last_started_at = clock_timestamp() WHERE name = %s"
_SUCCEEDED = "UPDATE heartbeats SET last_success_at = clock_timestamp() WHERE name = %s"
_FAILED = "UPDATE heartbeats SET last_error = %s, last_error_at = clock_timestamp() WHERE name = %s"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often; `run` must be safe to repeat and to kill at any point."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


class JobRunner:
    """Runs the jobs of one worker. Several workers agree by the database's advisory locks on who does what.

    The locks belong to a connection of their own that is never inside a transaction, so a job may take its time.
    """

    def __init__(self, database_url: str, jobs: Sequence[Job], beats: dict[str, Callable[[], float]]) -> None:
        self._database_url = database_url
        self._jobs = jobs
        self._beats = beats
        self._stopping = asyncio.Event()
        self._beats_recorded = float("-inf")
        self.last_beat = 0.0

    def stop(self) -> None:
        """Starts no further job."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until stopped; a lost database is tried again every second."""
        while not self._stopping.is_set():
            try:
                await self._run_connected()
            except (psycopg.Error, OSError) as error:
                log.warning("jobs interrupted", extra={"error": f"{type(error).__name__}: {error}"})
                await self._pause(1)

    async def _run_connected(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._database_url, autocommit=True, row_factory=dict_row, connect_timeout=CONNECT_TIMEOUT_SECONDS
        ) as connection:
            for job in self._jobs:
                await connection.execute(_REGISTER, (job.name, "job", math.ceil(job.every.total_seconds())))
            for name in self._beats:
                await connection.execute(_REGISTER, (name, "loop", 60))
            due_at = dict.fromkeys((job.name for job in self._jobs), 0.0)
            while not self._stopping.is_set():
                for job in self._jobs:
                    if time.monotonic() >= due_at[job.name] and not self._stopping.is_set():
                        await self._run_if_due(connection, job)
                        due_at[job.name] = time.monotonic() + min(job.every.total_seconds(), 5)
                await self._record_beats(connection)
                await self._pause(TICK_SECONDS)

    async def _run_if_due(self, connection: psycopg.AsyncConnection[DictRow], job: Job) -> None:
        parameters = {"name": job.name, "every": job.every.total_seconds()}
        due = await (await connection.execute(_IS_DUE, parameters)).fetchone()
        if due is None or not due["due"]:
            return
        held = await (await connection.execute(_TRY_LOCK, (job.name,))).fetchone()
        if held is None or not held["held"]:
            return
        try:
            await connection.execute(_STARTED, (job.name,))
            await self._run_job(connection, job)
        finally:
            await connection.execute(_UNLOCK, (job.name,))

    async def _run_job(self, connection: psycopg.AsyncConnection[DictRow], job: Job) -> None:
        began = time.monotonic()
        try:
            with tracer.start_as_current_span(f"job {job.name}"):
                await job.run()
        except Exception as error:  # one failing job must not stop the others
            log.exception("job failed", extra={"job": job.name})
            await connection.execute(_FAILED, (f"{type(error).__name__}: {error}"[:500], job.name))
        else:
            await connection.execute(_SUCCEEDED, (job.name,))
        finally:
            self.last_beat = asyncio.get_running_loop().time()
            _duration.record(time.monotonic() - began, {"job": job.name})

    async def _record_beats(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        """The loops of this worker that turned lately leave their heartbeat, at most every ten seconds."""
        now = asyncio.get_running_loop().time()
        self.last_beat = now
        if now - self._beats_recorded < BEATS_EVERY_SECONDS:
            return
        self._beats_recorded = now
        for name, last_beat in self._beats.items():
            if now - last_beat() < 30:
                await connection.execute(_SUCCEEDED, (name,))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
