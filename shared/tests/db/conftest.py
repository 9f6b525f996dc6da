"""A database of their own for tests of the way to it."""

from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from shared.db.engine import Database

_SCHEMA = """
CREATE TABLE things (
  id uuid PRIMARY KEY, name text, amount numeric(8, 2), count bigint, day date, at timestamptz, is_new boolean,
  tags text[], document jsonb, bytes bytea);
CREATE TABLE slots (number integer PRIMARY KEY, holder text);
"""


def _create_schema(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SCHEMA)


@pytest.fixture
async def things(database_factory: Callable[..., str]) -> AsyncIterator[Database]:
    """A database with the tables `things`, a column for each type that is used, and `slots`."""
    database = Database(database_factory("things", _create_schema), pool_size=2)
    yield database
    await database.close()
