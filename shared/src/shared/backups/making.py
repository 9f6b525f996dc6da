"""Making a backup and putting one back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from shared.backups.folder import Backup, BackupFolder, service_of
from shared.backups.programs import BackupFailed, Programs
from shared.settings import ServiceSettings

LONGEST_SECONDS = 2 * 3600
LATEST = "latest"
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
_TABLES = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of one service: where they are, how long they are kept, and the database they are of."""

    service: str
    database_url: str
    programs: Programs
    folder: BackupFolder
    kept_for: timedelta

    @classmethod
    def of(cls, service: str, settings: ServiceSettings) -> "Backups":
        """As the settings say. Raises `BackupFailed` when they name no place for backups."""
        if not settings.backup_dir:
            raise BackupFailed("BACKUP_DIR is not set, so there is no place for backups.")
        programs = Programs(settings.database_url, settings.postgres_bin)
        folder = BackupFolder(Path(settings.backup_dir), service)
        return cls(service, settings.database_url, programs, folder, timedelta(days=settings.backup_days))

    async def make(self, now: datetime) -> Backup:
        """Makes a backup, reads it through, and removes those that are too old.

        It takes two hours at most. Raises `BackupFailed`; then the backups are as before.
        """
        with _in_sentences(), self.folder.locked():
            draft = self.folder.draft(now)
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    await self.programs.dump(draft)
                    await self.programs.read_through(draft)
                made = self.folder.keep(draft)
            except TimeoutError:
                raise BackupFailed(f"The backup took longer than {LONGEST_SECONDS} s.") from None
            finally:
                draft.unlink(missing_ok=True)
            self.folder.forget_before(now - self.kept_for)
        return made

    def find(self, name: str) -> Path:
        """The file of a backup: `latest`, a path, or a name in the folder. Raises `BackupFailed`."""
        if name == LATEST:
            found = self.folder.all()
            if not found:
                raise BackupFailed(f"There is no backup of {self.service} in {self.folder.path}.")
            return found[-1].path
        path = next((path for path in (Path(name), self.folder.path / name) if path.is_file()), None)
        if path is None:
            raise BackupFailed(f"There is no file {name}.")
        if service_of(path) not in ("", self.service):
            raise BackupFailed(f"{path.name} is a backup of another service than {self.service}.")
        return path

    async def restore(self, file: Path, drop_all: bool) -> None:
        """Puts a backup back, whole or not at all; with `drop_all` in place of what the database holds.

        Raises `BackupFailed` when somebody is connected, when there are tables and `drop_all` is not said, or when the
        file can't be read or put back to its end.
        """
        with _in_sentences():
            self._refuse_the_wrong_database(drop_all)
            await self.programs.load(file, drop_all)

    def _refuse_the_wrong_database(self, drop_all: bool) -> None:
        with psycopg.connect(self.database_url, connect_timeout=10, autocommit=True) as connection:
            others, tables = (_count(connection, question) for question in (_OTHERS, _TABLES))
        if others:
            raise BackupFailed(f"{others} others are connected to the database; stop the processes of {self.service}.")
        if tables and not drop_all:
            raise BackupFailed(
                f"The database is not empty: it has {tables} tables, views and sequences. Restore into an empty one,"
                " or say --drop-all-present-data to lose what is there."
            )


def _count(connection: psycopg.Connection[tuple[int]], question: str) -> int:
    row = connection.execute(question.encode()).fetchone()
    return row[0] if row else 0


@contextmanager
def _in_sentences() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise BackupFailed(f"{where}{error.strerror or error}.") from error
    except psycopg.Error as error:
        raise BackupFailed(f"The database can't be asked: {error}".strip()) from error
