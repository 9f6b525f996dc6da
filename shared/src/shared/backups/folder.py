"""The folder that holds the backups of a service, several of them or those of several services."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.backups.programs import BackupFailed

INSTANT = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"([a-z]+)-(\d{8}T\d{6}Z)\.dump")
ROOM = 1.5
"""How much room there has to be, measured by the last backup."""


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """A whole backup of a service, and when it was made."""

    made_at: datetime
    path: Path


def service_of(path: Path) -> str:
    """The service whose backup a file says it is, by its name; empty for any other name."""
    match = _NAME.fullmatch(path.name)
    return match[1] if match else ""


class BackupFolder:
    """Backups are named by service and instant (UTC), such as `booking-20261123T090000Z.dump`; drafts are hidden."""

    def __init__(self, path: Path, service: str) -> None:
        self.path = path
        self._service = service

    def all(self) -> list[Backup]:
        """The service's backups, the oldest first."""
        return sorted(found for path in self.path.glob(f"{self._service}-*.dump") if (found := self._backup(path)))

    def newest(self, now: datetime) -> Backup | None:
        """The last one; what claims to come from the future was made by a wrong clock and counts for nothing."""
        return max((backup for backup in self.all() if backup.made_at <= now), default=None)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For whoever makes a backup, one at a time. Raises `BackupFailed` when somebody does."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path / f".{self._service}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(handle)
            yield
        finally:
            os.close(handle)

    def draft(self, now: datetime) -> Path:
        """An empty file for a new backup, which nobody else may read; those of backups that were killed go.

        Raises `BackupFailed` when there is too little room: a full disk would stop others as well.
        """
        for killed in self.path.glob(f".{self._service}-*.dump"):
            killed.unlink(missing_ok=True)
        self._check_room()
        draft = self.path / f".{self._service}-{now.astimezone(UTC).strftime(INSTANT)}.dump"
        draft.touch(mode=0o600)
        return draft

    def keep(self, draft: Path) -> Backup:
        """Makes a finished draft a backup."""
        path = draft.rename(draft.with_name(draft.name.removeprefix(".")))
        return Backup(_made_at(path), path)

    def forget_before(self, oldest: datetime) -> None:
        """Removes backups older than that, but never the last one."""
        for backup in self.all()[:-1]:
            if backup.made_at < oldest:
                backup.path.unlink(missing_ok=True)

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"Another backup of {self._service} is being made.") from None

    def _backup(self, path: Path) -> Backup | None:
        return Backup(_made_at(path), path) if service_of(path) == self._service else None

    def _check_room(self) -> None:
        last = self.all()[-1:]
        needed = sum(int(backup.path.stat().st_size * ROOM) for backup in last)
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise BackupFailed(f"{free >> 20} MB are free in {self.path}; a backup may take {needed >> 20} MB.")


def _made_at(path: Path) -> datetime:
    instant = path.stem.rpartition("-")[2]
    return datetime.strptime(instant, INSTANT).replace(tzinfo=UTC)
