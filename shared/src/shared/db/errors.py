"""The driver's errors as SQLAlchemy's, the ones that the rest of the code knows."""

import psycopg
from psycopg.errors import PipelineAborted
from sqlalchemy.exc import DBAPIError


def translated(error: psycopg.Error, sql: str, lost: bool = False) -> Exception:
    """The error without the statement's values; `lost` if its connection is of no more use.

    Of statements that went out together only the first that failed is to blame for all.
    """
    while isinstance(error, PipelineAborted) and isinstance(error.__context__, psycopg.Error):
        error = error.__context__
    return DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost)
