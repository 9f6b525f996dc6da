"""What is put back is what was there, or nothing is touched."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from shared.backups.folder import BackupFolder
from shared.backups.making import LATEST, Backups
from shared.backups.programs import BackupFailed

from .conftest import NOW, backups_of, content, query


async def test_a_restored_database_is_the_one_that_was_backed_up_row_by_row(
    backups: Backups, folder: BackupFolder, database_url: str, empty_url: str
) -> None:
    made = await backups.make(NOW)
    assert made.path.name == "booking-20261123T093000Z.dump"
    await backups_of(folder, empty_url).restore(made.path, drop_all=False)
    before, after = content(database_url), content(empty_url)
    assert len(before["fares"]) == 2000
    assert len(before["outbox"]) == 50
    assert after == before


async def test_a_restored_database_counts_on_where_the_other_stood(
    backups: Backups, folder: BackupFolder, empty_url: str
) -> None:
    await backups_of(folder, empty_url).restore((await backups.make(NOW)).path, drop_all=False)
    query(empty_url, "INSERT INTO fares (cents) VALUES (1)")
    assert query(empty_url, "SELECT max(id), nextval('numbers') FROM fares") == [(2001, 42)]


def cut_short(raw: bytes) -> bytes:
    return raw[:-1]


def half(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def only_its_beginning(raw: bytes) -> bytes:
    return raw[:100]


def nothing(raw: bytes) -> bytes:
    return b""


def one_bit_turned(raw: bytes) -> bytes:
    place = len(raw) * 2 // 3
    return raw[:place] + bytes([raw[place] ^ 0x10]) + raw[place + 1 :]


def something_else(raw: bytes) -> bytes:
    return b"SELECT 1;"


@pytest.mark.parametrize(
    "damage", [cut_short, half, only_its_beginning, nothing, one_bit_turned, something_else], ids=lambda it: it.__name__
)
async def test_a_damaged_file_changes_nothing(
    damage: Callable[[bytes], bytes], backups: Backups, folder: BackupFolder, database_url: str, empty_url: str
) -> None:
    damaged = folder.path / "damaged.dump"
    damaged.write_bytes(damage((await backups.make(NOW)).path.read_bytes()))
    nothing, before = content(empty_url), content(database_url)
    for url, drop_all in ((empty_url, False), (database_url, True)):
        with pytest.raises(BackupFailed, match="pg_restore: error"):
            await backups_of(folder, url).restore(damaged, drop_all)
    assert content(empty_url) == nothing
    assert content(database_url) == before


async def test_what_is_there_is_lost_only_by_saying_so(backups: Backups, database_url: str) -> None:
    before, made = content(database_url), await backups.make(NOW)
    query(database_url, "DELETE FROM trips; INSERT INTO fares (cents) VALUES (1); CREATE TABLE newer (fare_id bigint)")
    since = content(database_url)
    with pytest.raises(BackupFailed, match=r"not empty.*--drop-all-present-data"):
        await backups.restore(made.path, drop_all=False)
    assert content(database_url) == since
    await backups.restore(made.path, drop_all=True)
    assert content(database_url) == before


async def test_a_database_that_took_a_backup_in_is_backed_up_again(
    backups: Backups, database_url: str, folder: BackupFolder, empty_url: str
) -> None:
    await backups.restore((await backups.make(NOW)).path, drop_all=True)
    again = await backups.make(NOW + timedelta(hours=1))
    await backups_of(folder, empty_url).restore(again.path, drop_all=False)
    assert content(empty_url) == content(database_url)


async def test_nobody_may_be_at_work_on_the_database(backups: Backups, folder: BackupFolder, empty_url: str) -> None:
    made = await backups.make(NOW)
    with psycopg.connect(empty_url), pytest.raises(BackupFailed, match="1 others are connected"):
        await backups_of(folder, empty_url).restore(made.path, drop_all=False)
    assert content(empty_url).keys() == {""}


async def test_an_error_of_the_database_changes_nothing_and_is_told(
    backups: Backups, folder: BackupFolder, empty_url: str
) -> None:
    made = await backups.make(NOW)
    query(empty_url, "CREATE TYPE trips AS ENUM ()")  # no table, so not seen, but in the way of one
    with pytest.raises(BackupFailed, match='type "trips" already exists'):
        await backups_of(folder, empty_url).restore(made.path, drop_all=False)
    assert content(empty_url).keys() == {""}


async def test_a_backup_is_found_as_the_latest_by_its_name_and_by_its_path(
    backups: Backups, folder: BackupFolder, tmp_path: Path
) -> None:
    older, newer = [(await backups.make(NOW + timedelta(minutes=each))).path for each in (0, 1)]
    assert backups.find(LATEST) == newer
    assert backups.find(older.name) == older
    os.rename(older, tmp_path / "by-hand.dump")
    assert backups.find(str(tmp_path / "by-hand.dump")) == tmp_path / "by-hand.dump"


async def test_what_is_no_backup_of_this_service_is_refused(backups: Backups, folder: BackupFolder) -> None:
    with pytest.raises(BackupFailed, match="no backup of booking"):
        backups.find(LATEST)
    with pytest.raises(BackupFailed, match="no file nowhere"):
        backups.find("nowhere")
    made = await backups.make(NOW)
    other = made.path.rename(made.path.with_name("payments-20261123T093000Z.dump"))
    with pytest.raises(BackupFailed, match="backup of another service"):
        backups.find(str(other))
