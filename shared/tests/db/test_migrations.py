"""The migrations make exactly the tables that the code works with."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from shared.db import migrations
from shared.db.engine import Database, driver_url
from shared.db.migrations import SchemaCheck, drift, migrate
from shared.testing.waiting import wait_until_async
from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, Table, create_engine, text

MIGRATION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {before!r}, None, None
def upgrade() -> None:
    op.execute("CREATE TABLE {revision} ()")
"""
HAS_WAITED = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND waitstart < clock_timestamp() - interval '0.1 s'"


def a_release(folder: Path, *revisions: str) -> Path:
    """The migrations that a release of some code brings along."""
    folder.mkdir()
    for revision, before in zip(revisions, (None, *revisions), strict=False):
        (folder / f"{revision}.py").write_text(MIGRATION.format(revision=revision, before=before))
    return folder


async def is_fit(url: str, release: Path) -> bool:
    """Whether that release's processes would be ready with this database."""
    database = Database(url)
    try:
        await SchemaCheck(database, release)()
    except RuntimeError:
        return False
    finally:
        await database.close()
    return True


@pytest.fixture
def releases(tmp_path: Path) -> tuple[Path, Path]:
    return a_release(tmp_path / "old", "one"), a_release(tmp_path / "new", "one", "two")


async def test_the_old_code_goes_on_while_the_schema_is_newer(database_factory, releases: tuple[Path, Path]) -> None:
    url, (old, new) = database_factory("empty", lambda _: None), releases
    migrate(url, old)
    assert (await is_fit(url, old), await is_fit(url, new)) == (True, False)
    migrate(url, new)
    assert (await is_fit(url, old), await is_fit(url, new)) == (True, True)


async def test_a_release_that_is_taken_back_has_nothing_to_migrate(
    database_factory, releases: tuple[Path, Path]
) -> None:
    url, (old, new) = database_factory("empty", lambda _: None), releases
    migrate(url, new)
    assert migrate(url, old) == []
    assert migrate(url, new) == []


async def test_whoever_migrates_at_the_same_time_is_waited_for(
    database_factory, releases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_MS", 1)
    url, (_, new) = database_factory("empty", lambda _: None), releases
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
        await other.execute("SELECT pg_advisory_lock(hashtextextended('migrate', 0))")
        migrating = asyncio.create_task(asyncio.to_thread(migrate, url, new))

        async def has_waited() -> bool:
            return migrating.done() or await (await other.execute(HAS_WAITED)).fetchone() is not None

        await wait_until_async(has_waited, what="the migration to wait for the other")
    assert (await migrating)[-1] == "two"


def test_migrating_makes_the_tables_of_the_code_and_repeating_it_does_nothing(database_factory, tmp_path: Path) -> None:
    url = database_factory("empty", lambda _: None)
    first = migrate(url, tmp_path)
    assert first
    assert migrate(url, tmp_path) == []
    assert drift(url, MetaData()) == []


def test_a_check_or_an_index_that_differs_is_drift(database_factory, tmp_path: Path) -> None:
    url = database_factory("empty", lambda _: None)
    migrate(url, tmp_path)
    with create_engine(driver_url(url)).begin() as connection:
        connection.execute(text("CREATE TABLE fares (cents integer)"))
        connection.execute(text("CREATE INDEX fares_due ON fares (cents)"))
    due = Index("fares_due", "cents", postgresql_where=text("cents > 0"))
    Table("fares", metadata := MetaData(), Column("cents", Integer, CheckConstraint("cents > 0")), due)
    assert [definition.split()[0] for _, definition in drift(url, metadata)] == [
        "CREATE",
        "CREATE",
        "fares_cents_check",
    ]
