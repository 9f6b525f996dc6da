"""A job runs in one worker at a time, not more often than its period, and never stops another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from shared.db.engine import Database
from shared.jobs import Job, JobRunner
from shared.testing.waiting import wait_until_async
from sqlalchemy import text

OFTEN = timedelta(milliseconds=50)
RARELY = timedelta(hours=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@asynccontextmanager
async def running(
    url: str, *jobs: Job, count: int = 1, beats: dict[str, Callable[[], float]] | None = None
) -> AsyncIterator[list[JobRunner]]:
    runners = [JobRunner(url, jobs, beats or {}) for _ in range(count)]
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield runners
    finally:
        for runner in runners:
            runner.stop()
        await asyncio.wait(tasks, timeout=90)
        for task in tasks:
            assert task.done()
            task.result()


async def until(condition: Callable[[], Any], what: str) -> None:
    async def holds() -> bool:
        found = condition()
        return bool(await found if asyncio.iscoroutine(found) else found)

    await wait_until_async(holds, what=what)


async def heartbeat(database: Database, name: str) -> Any:
    return await database.fetch_one(text("SELECT * FROM heartbeats WHERE name = :name"), {"name": name})


class Overlap:
    """A job that notes how often it runs and how many of it run at once."""

    def __init__(self) -> None:
        self.runs = self.inside = self.most = 0

    async def __call__(self) -> None:
        self.runs += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.02)
        self.inside -= 1


async def test_a_job_never_runs_twice_at_once(database_url: str) -> None:
    job = Overlap()
    async with running(database_url, Job("often", OFTEN, job), count=4):
        await until(lambda: job.runs >= 10, "ten runs")
    assert job.most == 1


async def test_a_job_runs_no_more_often_than_its_period_whoever_runs_it(database_url: str) -> None:
    rare, often = Overlap(), Overlap()
    jobs = (Job("rare", RARELY, rare), Job("often", OFTEN, often))
    for _ in range(2):
        runs = often.runs
        async with running(database_url, *jobs, count=5):
            await until(lambda runs=runs: often.runs >= runs + 5, "five more runs of the other")
    assert rare.runs == 1


async def test_another_worker_takes_over_when_the_one_that_holds_the_lock_loses_its_database(
    database: Database, database_url: str
) -> None:
    started, cancelled, may_end = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

    async def long() -> None:
        started.release()
        try:
            await may_end.wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with running(database_url, Job("long", OFTEN, long), count=2):
        await started.acquire()
        await end_lock_holders(database)
        await started.acquire()
        await asyncio.wait_for(cancelled.wait(), 90)
        may_end.set()


async def end_lock_holders(database: Database) -> None:
    """Ends the database session that holds a job's lock, as a failover would."""

    async def ended() -> bool:
        found = await database.fetch_all(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
            )
        )
        return bool(found)

    await wait_until_async(ended, what="a session with a job's lock")


async def test_an_error_that_a_job_leaves_names_nobody(database: Database, database_url: str) -> None:
    async def failing() -> None:
        beat = text("INSERT INTO heartbeats (name, kind, every_seconds) VALUES (:name, 'job', 1)")
        for _ in range(2):
            async with database.transaction() as connection:
                await connection.execute(beat, {"name": "ada@example.com"})

    async def has_failed() -> bool:
        beat = await heartbeat(database, "failing")
        return bool(beat and beat.last_error)

    async with running(database_url, Job("failing", OFTEN, failing)):
        await until(has_failed, "the error")
    beat = await heartbeat(database, "failing")
    assert "UniqueViolation" in beat.last_error
    assert "ada@example.com" not in beat.last_error


async def test_a_failing_job_leaves_its_error_and_the_others_go_on(database: Database, database_url: str) -> None:
    async def failing() -> None:
        raise RuntimeError("no\x00 way")

    fine = Overlap()
    async with running(database_url, Job("failing", OFTEN, failing), Job("fine", OFTEN, fine)):
        await until(lambda: fine.runs >= 3, "three runs of the other")
        await until(lambda: has_error(database), "the error")
    beat = await heartbeat(database, "failing")
    assert beat.last_success_at is None
    assert (await heartbeat(database, "fine")).last_success_at is not None


async def has_error(database: Database) -> bool:
    beat = await heartbeat(database, "failing")
    return bool(beat and beat.last_error and "RuntimeError: no" in beat.last_error)


async def test_a_job_that_hangs_holds_up_no_other(database_url: str) -> None:
    fine, hangs = Overlap(), asyncio.Event()
    async with running(database_url, Job("hanging", OFTEN, _waiting_for(hangs)), Job("fine", OFTEN, fine)):
        await until(lambda: fine.runs >= 3, "three runs of the other")
        hangs.set()


def _waiting_for(event: asyncio.Event) -> Callable[[], Awaitable[Any]]:
    return event.wait


async def test_a_running_job_is_finished_when_its_worker_stops(database: Database, database_url: str) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await may_end.wait()

    async with running(database_url, Job("work", OFTEN, work)) as (runner,):
        await begun.wait()
        runner.stop()
        may_end.set()
    assert (await heartbeat(database, "work")).last_success_at is not None


async def test_loops_that_turn_leave_their_heartbeat_and_others_do_not(database: Database, database_url: str) -> None:
    now = asyncio.get_running_loop().time
    async with running(database_url, beats={"turning": now, "stuck": lambda: now() - 100}):
        await until(lambda: has_beaten(database, "turning"), "a heartbeat")
    assert (await heartbeat(database, "stuck")).last_success_at is None


async def has_beaten(database: Database, name: str) -> bool:
    beat = await heartbeat(database, name)
    return bool(beat and beat.last_success_at)


async def test_a_database_that_comes_late_is_waited_for(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    job = Overlap()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("ALTER TABLE heartbeats RENAME TO not_yet")
        async with running(database_url, Job("often", OFTEN, job)):
            await until(lambda: "jobs interrupted" in caplog.text, "a first attempt")
            await connection.execute("ALTER TABLE not_yet RENAME TO heartbeats")
            await until(lambda: job.runs, "a run")


@pytest.mark.parametrize(("start", "success"), [("-2 minutes", "-1 day"), ("5 hours", "5 hours")])
async def test_a_job_is_soon_made_up_for_after_a_kill_or_a_clock_that_was_set_back(
    database_url: str, database: Database, start: str, success: str
) -> None:
    rare = Overlap()
    async with running(database_url, Job("rare", RARELY, rare)):
        await until(lambda: rare.runs == 1, "the first run")
    await started(database, "rare", start, succeeded=success)
    async with running(database_url, Job("rare", RARELY, rare)):
        await until(lambda: rare.runs == 2, "the run that makes up for it")


async def started(database: Database, name: str, ago: str, succeeded: str) -> None:
    statement = text("""
        UPDATE heartbeats SET last_started_at = clock_timestamp() + CAST(:ago AS interval),
          last_success_at = clock_timestamp() + CAST(:succeeded AS interval)
        WHERE name = :name
    """)
    async with database.transaction() as connection:
        await connection.execute(statement, {"ago": ago, "succeeded": succeeded, "name": name})
