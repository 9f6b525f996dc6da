"""Periodic jobs: each runs in one worker at a time and leaves a heartbeat."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg.rows import DictRow, dict_row

from shared.db.pool import connect
from shared.telemetry import meter, tracer
from shared.telemetry.setup import without_values

log = logging.getLogger(__name__)

_duration = meter.create_histogram(
    "job.duration",
    unit="s",
    description="How long a periodic job took",
    explicit_bucket_boundaries_advisory=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300),
)

POLL_SECONDS = 5
"""The longest time between two looks at whether a job is due, so that a dead worker's jobs are soon taken over."""

AGAIN_AFTER_SECONDS = 60
BEATS_EVERY_SECONDS = 5
LOOP_STUCK_AFTER_SECONDS = 30

_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 1)) AS held"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 1))"
_REGISTER = """
INSERT INTO heartbeats (name, kind, every_seconds) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, every_seconds = excluded.every_seconds
"""
_DUE = """
name = %(name)s AND (
  last_started_at IS NULL OR last_started_at > clock_timestamp() OR last_started_at <= clock_timestamp() -
    make_interval(secs => CASE WHEN last_success_at >= last_started_at THEN %(every)s ELSE %(again)s END))
"""
"""A run that failed or was killed is made up for soon. A start in the future means that a clock has been set back."""

_IS_DUE = f"SELECT 1 FROM heartbeats WHERE {_DUE}"  # noqa: S608
_START = f"UPDATE heartbeats SET last_started_at = clock_timestamp() WHERE {_DUE} RETURNING 1"  # noqa: S608
"""Under the job's lock, since another worker may have started and finished it since this one looked."""

_SUCCEEDED = "UPDATE heartbeats SET last_success_at = clock_timestamp() WHERE name = ANY(%s)"
_FAILED = "UPDATE heartbeats SET last_error = %s, last_error_at = clock_timestamp() WHERE name = %s"

Connection = psycopg.AsyncConnection[DictRow]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often; `run` must be safe to repeat and to kill at any point."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


class JobRunner:
    """Runs the jobs of one worker. Several workers agree by the database's advisory locks on who does what.

    The locks belong to a connection of their own that is never inside a transaction, so a job may take its time. When
    that connection is lost the locks are lost as well: the jobs in hand are cancelled before others start them.
    """

    def __init__(self, database_url: str, jobs: Sequence[Job], beats: dict[str, Callable[[], float]]) -> None:
        self._database_url = database_url
        self._jobs = jobs
        self._beats = beats
        self._stopping = asyncio.Event()
        self.last_beat = 0.0

    def stop(self) -> None:
        """Starts no further job."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until stopped; a lost database is tried again every second."""
        while not self._stopping.is_set():
            try:
                await self._run_connected()
            except* (psycopg.Error, OSError) as lost:
                error = lost.exceptions[0]
                log.warning("jobs interrupted", extra={"error": f"{type(error).__name__}: {error}"})
                await self._pause(1)

    async def _run_connected(self) -> None:
        async with await connect(self._database_url, row_factory=dict_row) as connection:
            for job in self._jobs:
                await connection.execute(_REGISTER, (job.name, "job", int(job.every.total_seconds())))
            for name in self._beats:
                await connection.execute(_REGISTER, (name, "loop", 60))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_beating(connection))
                for job in self._jobs:
                    tasks.create_task(self._repeat(connection, job))

    async def _keep_beating(self, connection: Connection) -> None:
        """The loops of this worker that turned lately leave their heartbeat. It also finds out a lost connection."""
        while not self._stopping.is_set():
            now = self.last_beat = asyncio.get_running_loop().time()
            turning = [name for name, beat in self._beats.items() if now - beat() < LOOP_STUCK_AFTER_SECONDS]
            await connection.execute(_SUCCEEDED, (turning,))
            await self._pause(BEATS_EVERY_SECONDS)

    async def _repeat(self, connection: Connection, job: Job) -> None:
        while not self._stopping.is_set():
            await self._run_if_due(connection, job)
            await self._pause(min(job.every.total_seconds(), POLL_SECONDS))

    async def _run_if_due(self, connection: Connection, job: Job) -> None:
        every = job.every.total_seconds()
        parameters = {"name": job.name, "every": every, "again": min(every, AGAIN_AFTER_SECONDS)}
        if await (await connection.execute(_IS_DUE, parameters)).fetchone() is None:
            return
        held = await (await connection.execute(_TRY_LOCK, (job.name,))).fetchone()
        if held is None or not held["held"]:
            return
        try:
            if await (await connection.execute(_START, parameters)).fetchone() is not None:
                await self._run_job(connection, job)
        finally:
            await connection.execute(_UNLOCK, (job.name,))

    async def _run_job(self, connection: Connection, job: Job) -> None:
        began = time.monotonic()
        try:
            with tracer.start_as_current_span(f"job {job.name}"):
                await job.run()
        except Exception as error:  # one failing job must not stop the others
            log.exception("job failed", extra={"job": job.name})
            sentence = without_values(f"{type(error).__name__}: {error}")[:500].replace("\x00", "\\0")
            await connection.execute(_FAILED, (sentence, job.name))
        else:
            await connection.execute(_SUCCEEDED, ([job.name],))
        finally:
            _duration.record(time.monotonic() - began, {"job.name": job.name})

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
