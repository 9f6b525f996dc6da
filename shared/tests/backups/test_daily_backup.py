"""A backup each night, made up for when it was missed, by one worker, with a heartbeat."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from shared.backups.folder import BackupFolder
from shared.backups.job import backup_jobs, last_quiet_hour
from shared.jobs import JobRunner
from shared.settings import ServiceSettings
from shared.testing.service import MovableClock
from shared.testing.waiting import wait_until_async

from .conftest import BIN, NOW, query

NEW_YORK = ZoneInfo("America/New_York")


def settings_of(url: str, folder: Path | str, **values: Any) -> ServiceSettings:
    return ServiceSettings(debug=True, database_url=url, backup_dir=str(folder), postgres_bin=BIN, **values)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T09:00Z", "2026-11-23T09:00Z"),
        ("2026-11-23T08:59Z", "2026-11-22T09:00Z"),
        ("2026-11-24T04:30Z", "2026-11-23T09:00Z"),
        ("2026-03-08T12:00Z", "2026-03-08T08:00Z"),
        ("2026-11-01T08:59Z", "2026-10-31T08:00Z"),
        ("2026-11-01T09:00Z", "2026-11-01T09:00Z"),
    ],
)
def test_backups_are_due_at_four_in_new_york(now: str, due: str) -> None:
    assert last_quiet_hour(datetime.fromisoformat(now), NEW_YORK) == datetime.fromisoformat(due)


async def test_each_night_has_one_backup_and_a_missed_one_is_made_up_for(
    database_url: str, folder: BackupFolder
) -> None:
    clock = MovableClock(NOW)
    (job,) = backup_jobs("booking", settings_of(database_url, folder.path), clock)
    for hours, count in ((0, 1), (1, 1), (23, 1), (24, 2), (40, 2), (24 * 5 + 12, 3)):
        clock.now = NOW + timedelta(hours=hours)
        await job.run()
        assert len(folder.all()) == count, hours


async def test_a_backup_of_a_clock_that_ran_ahead_stands_for_none(database_url: str, folder: BackupFolder) -> None:
    clock = MovableClock(NOW + timedelta(days=3))
    (job,) = backup_jobs("booking", settings_of(database_url, folder.path), clock)
    await job.run()
    clock.now = NOW
    await job.run()
    assert [backup.made_at for backup in folder.all()] == [NOW, NOW + timedelta(days=3)]


async def test_two_workers_make_one_and_leave_a_heartbeat(database_url: str, folder: BackupFolder) -> None:
    jobs = backup_jobs("booking", settings_of(database_url, folder.path), lambda: datetime.now(UTC))
    runners = [JobRunner(database_url, jobs, {}) for _ in range(2)]
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    await beat(database_url, "last_success_at IS NOT NULL")
    for runner in runners:
        runner.stop()
    await asyncio.gather(*tasks)
    assert len(folder.all()) == 1


async def test_a_backup_that_fails_leaves_its_reason_in_the_heartbeat(database_url: str, folder: BackupFolder) -> None:
    settings = settings_of(database_url, folder.path).model_copy(update={"postgres_bin": "/nowhere"})
    runner = JobRunner(database_url, backup_jobs("booking", settings, lambda: NOW), {})
    task = asyncio.create_task(runner.run())
    await beat(database_url, "last_error IS NOT NULL")
    runner.stop()
    await task
    left = "SELECT last_success_at, last_error FROM heartbeats WHERE name = 'backup'"
    ((succeeded_at, reason),) = await asyncio.to_thread(query, database_url, left)
    assert succeeded_at is None
    assert "no pg_dump in /nowhere" in reason
    assert folder.all() == []


async def beat(url: str, condition: str) -> None:
    async def holds() -> bool:
        question = f"SELECT 1 FROM heartbeats WHERE name = 'backup' AND {condition}"
        return bool(await asyncio.to_thread(query, url, question))

    await wait_until_async(holds, what=f"a heartbeat with {condition}")


def test_without_a_place_there_is_no_job_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert backup_jobs("booking", settings_of("postgresql://x", ""), lambda: NOW) == []
    assert "BACKUP_DIR is not set" in caplog.text
