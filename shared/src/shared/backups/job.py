"""The daily backup: a job of the worker, wherever the settings name a place for backups."""

import asyncio
import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.backups.making import Backups
from shared.clock import Clock, business_date
from shared.jobs import Job
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

QUIET_HOUR = time(4)
"""In the business time zone: nobody books, and the hours that daylight saving skips or repeats are over."""

LOOK_EVERY = timedelta(hours=1)


def backup_jobs(service: str, settings: ServiceSettings, clock: Clock) -> list[Job]:
    """The job `backup`; none when there is no place for backups, which the log then tells.

    Each hour it looks whether there is a backup since the last quiet hour, and makes one if not. So one that failed,
    or that a machine slept through, is made up for, and a failing job misses its heartbeat within hours, not days.
    """
    if not settings.backup_dir:
        log.warning("no backups are made, since BACKUP_DIR is not set")
        return []
    backups = Backups.of(service, settings)

    async def run() -> None:
        now = clock()
        newest = await asyncio.to_thread(backups.folder.newest, now)
        if newest is None or newest.made_at < last_quiet_hour(now, settings.timezone):
            made = await backups.make(now)
            log.info("backup made", extra={"file": made.path.name, "bytes": made.path.stat().st_size})

    return [Job("backup", LOOK_EVERY, run)]


def last_quiet_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """When the latest night's backup was due."""
    day = business_date(now, zone)
    today = datetime.combine(day, QUIET_HOUR, zone)
    return today if today <= now else datetime.combine(day - timedelta(days=1), QUIET_HOUR, zone)
