"""A database with all kinds of rows, an empty one, and a folder for backups."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from shared.backups.folder import BackupFolder
from shared.backups.making import Backups
from shared.backups.programs import Programs
from shared.db.migrations import migrate
from shared.testing.servers.postgres_files import binary

BIN = str(binary("pg_dump").parent)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAYS_KEPT = 30

_ROWS = """
CREATE SEQUENCE numbers START 41;
SELECT nextval('numbers');
CREATE TABLE fares (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cents integer CHECK (cents > 0), name text UNIQUE, share numeric,
  at timestamptz, day date, tags text[], document jsonb, bytes bytea);
CREATE INDEX fares_due ON fares (day) WHERE cents > 100;
CREATE TABLE trips (fare_id bigint REFERENCES fares DEFERRABLE INITIALLY DEFERRED, note text);
INSERT INTO fares (cents, name, share, at, day, tags, document, bytes)
  SELECT number, 'Zoë ☂ \\ ' || chr(9) || number, number / 7.0, now(), 'infinity', ARRAY['a,"b', NULL],
    '{"a": [1, null, "ü"]}', decode('00ff5c0a', 'hex') FROM generate_series(1, 2000) AS number;
INSERT INTO trips SELECT id, nullif(repeat(md5(id::text), 40), '') FROM fares;
INSERT INTO trips VALUES (1, NULL), (2, '');
INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, ordinal, type, time, data, trace_context)
  SELECT gen_random_uuid(), 'fare', gen_random_uuid(), 1, 0, 'fare.raised.v1', now(), '{}', '{}'
  FROM generate_series(1, 50);
"""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SHAPE = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 0
  AND connamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attidentity, attnotnull)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE attnum > 0 AND relkind = 'r' AND relnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', sequencename, last_value, increment_by, start_value) FROM pg_sequences ORDER BY 1
"""


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as text, and the shape of it all."""
    with psycopg.connect(url) as connection:
        found = {"": connection.execute(_SHAPE.encode()).fetchall()}
        for (table,) in connection.execute(_TABLES.encode()).fetchall():
            rows = sql.SQL("SELECT whole::text FROM {} AS whole ORDER BY 1").format(sql.Identifier(table))
            found[table] = connection.execute(rows).fetchall()
    return found


@pytest.fixture
def database_url(database_factory: Callable[..., str], tmp_path: Path) -> str:
    (tmp_path / "none").mkdir()
    url = database_factory("machinery", lambda template: migrate(template, tmp_path / "none"))
    query(url, _ROWS)
    return url


@pytest.fixture
def empty_url(database_factory: Callable[..., str]) -> str:
    return database_factory("empty", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups", "booking")


@pytest.fixture
def backups(folder: BackupFolder, database_url: str) -> Backups:
    return backups_of(folder, database_url)


def backups_of(folder: BackupFolder, url: str, programs: str = BIN) -> Backups:
    return Backups("booking", url, Programs(url, programs), folder, timedelta(days=DAYS_KEPT))
