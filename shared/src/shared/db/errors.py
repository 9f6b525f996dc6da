"""The driver's errors as SQLAlchemy's, the ones that the rest of the code knows."""

import psycopg
from sqlalchemy.exc import DBAPIError


def translated(error: psycopg.Error, sql: str, lost: bool = False) -> Exception:
    """The error without the statement's values; `lost` if its connection is of no more use."""
    return DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost)
