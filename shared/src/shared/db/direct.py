"""Statements that go to the driver directly, inside a transaction of SQLAlchemy's.

For the two statements of the machinery itself that every event needs, its outbox row and its inbox row: building a
result that nobody reads costs SQLAlchemy more than the statement costs the database. They leave no spans.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

Parameters = Mapping[str, Any]


async def execute_directly(connection: AsyncConnection, sql: str, rows: Sequence[Parameters]) -> int:
    """Runs `sql` (with `%(name)s` parameters) for each row; the number of rows of the table that it touched.

    Raises SQLAlchemy's errors, as if it had run the statement.
    """
    driver = _driver_of(connection)
    try:
        if len(rows) == 1:
            return (await driver.execute(sql.encode(), rows[0])).rowcount
        async with driver.cursor() as cursor:
            await cursor.executemany(sql.encode(), rows)
            return cursor.rowcount
    except psycopg.Error as error:
        raise DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True) from error


def _driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    assert connection.sync_connection is not None
    return cast("psycopg.AsyncConnection[Any]", connection.sync_connection.connection.driver_connection)
