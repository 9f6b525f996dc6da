"""A backup is whole or is none, is nobody else's to read, and stays as long as it should."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from shared.backups.folder import BackupFolder
from shared.backups.making import Backups
from shared.backups.programs import BackupFailed
from shared.testing.waiting import wait_until_async

from .conftest import BIN, DAYS_KEPT, NOW, backups_of

DAY = timedelta(days=1)


def names(folder: BackupFolder) -> set[str]:
    return {path.name for path in folder.path.iterdir() if not path.name.endswith(".lock")}


@asynccontextmanager
async def stuck(url: str) -> AsyncIterator[None]:
    """While the block runs, whoever backs the database up waits in the middle of it."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("LOCK TABLE trips IN ACCESS EXCLUSIVE MODE")
        yield


@asynccontextmanager
async def underway(backups: Backups) -> AsyncIterator["asyncio.Task[object]"]:
    """A backup whose `pg_dump` runs and does not come to its end."""
    async with stuck(backups.database_url):
        making = asyncio.create_task(backups.make(NOW))

        async def runs() -> bool:
            assert not making.done(), making.result()
            return bool(dumps())

        await wait_until_async(runs, what="pg_dump")
        yield making


def dumps() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child.name() == "pg_dump"]


async def test_nobody_else_may_read_a_backup(backups: Backups, folder: BackupFolder) -> None:
    made = await backups.make(NOW)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


async def test_no_password_is_an_argument_of_a_program(backups: Backups, database_url: str) -> None:
    password = database_url.split("@")[0].rpartition(":")[2]
    async with underway(backups) as making:
        seen = [word for process in psutil.Process().children(recursive=True) for word in process.cmdline()]
        assert "--format=custom" in seen
        assert not [word for word in seen if password in word]
    await making


async def test_of_two_at_once_one_is_made_and_the_other_says_so(backups: Backups, folder: BackupFolder) -> None:
    async with underway(backups) as making:
        with pytest.raises(BackupFailed, match="Another backup of booking is being made"):
            await backups.make(NOW + DAY)
    await making
    assert names(folder) == {"booking-20261123T093000Z.dump"}


async def test_a_backup_that_is_called_off_leaves_neither_a_file_nor_a_program(
    backups: Backups, folder: BackupFolder
) -> None:
    async with underway(backups) as making:
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert dumps() == []
    assert names(folder) == set()


async def test_what_a_kill_left_behind_is_no_backup_and_goes_with_the_next(
    backups: Backups, folder: BackupFolder
) -> None:
    folder.path.mkdir()
    folder.draft(NOW - DAY).write_bytes(b"PGDMP")
    (folder.path / ".payments-20261122T093000Z.dump").touch()
    assert folder.all() == []
    await backups.make(NOW)
    assert names(folder) == {"booking-20261123T093000Z.dump", ".payments-20261122T093000Z.dump"}


async def test_backups_go_after_thirty_days_and_those_of_others_stay(backups: Backups, folder: BackupFolder) -> None:
    folder.path.mkdir()
    other = folder.path / "payments-20250101T000000Z.dump"
    other.touch()
    made = [await backups.make(NOW + each * DAY) for each in range(3)]
    await backups.make(NOW + DAY + DAYS_KEPT * DAY)
    assert [backup.made_at for backup in folder.all()] == [NOW + each * DAY for each in (1, 2, 1 + DAYS_KEPT)]
    assert not made[0].path.exists()
    assert other.exists()


async def test_a_backup_that_failed_takes_none_away(backups: Backups, folder: BackupFolder) -> None:
    made = await backups.make(NOW)
    with pytest.raises(BackupFailed):
        await backups_of(folder, "postgresql://nobody:nothing@127.0.0.1:9/none").make(NOW + 100 * DAY)
    assert names(folder) == {made.path.name}


async def test_the_last_backup_stays_however_old_it_is(backups: Backups, folder: BackupFolder) -> None:
    made = await backups.make(NOW)
    folder.forget_before(NOW + 100 * DAY)
    assert folder.all() == [made]


async def test_a_disk_with_little_room_is_not_filled(backups: Backups, folder: BackupFolder) -> None:
    folder.path.mkdir()
    with (folder.path / "booking-20261101T000000Z.dump").open("wb") as huge:
        huge.truncate(4 << 40)  # has no blocks
    with pytest.raises(BackupFailed, match="MB are free"):
        await backups.make(NOW)
    assert names(folder) == {"booking-20261101T000000Z.dump"}


def an_older_pg_dump(folder: Path) -> str:
    """What the program of an older PostgreSQL says to this server."""
    program = folder / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    program.chmod(0o700)
    return str(folder)


async def test_each_failure_has_its_sentence(folder: BackupFolder, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong_password = database_url.replace("@", "x@")
    failing = {
        "Connection refused": backups_of(folder, "postgresql://nobody@127.0.0.1:9/none"),
        "password authentication failed": backups_of(folder, wrong_password),
        "There is no pg_dump in /nowhere, which POSTGRES_BIN names": backups_of(folder, database_url, "/nowhere"),
        "server version mismatch": backups_of(folder, database_url, an_older_pg_dump(tmp_path)),
        "Not a directory": backups_of(BackupFolder(tmp_path / "file" / "backups", "booking"), database_url),
    }
    for sentence, backups in failing.items():
        with pytest.raises(BackupFailed, match=sentence):
            await backups.make(NOW)
    assert names(folder) == set()


async def test_the_programs_of_the_path_are_taken_by_default(
    folder: BackupFolder, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    assert (await backups_of(folder, database_url, "").make(NOW)).path.exists()
