"""Databases of tests: each test gets clean ones, and what it leaves is emptied and used again.

Emptying costs a fraction of a copy, most of which is PostgreSQL's own catalogue.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from shared.testing.servers import PostgresServer

Migrate = Callable[[str], None]

_TABLES = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""

# Definitions (a changed one is a new row of PostgreSQL's catalogue), rights, sequences, statistics, settings.
_SHAPE = """
    SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_attribute
    UNION ALL SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_constraint
    UNION ALL SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_index
    UNION ALL SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_trigger
    UNION ALL SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_proc
    UNION ALL SELECT md5(string_agg((oid, relacl, reloptions)::text, '' ORDER BY oid)) FROM pg_class WHERE oid >= 16384
    UNION ALL SELECT string_agg((schemaname, sequencename, last_value)::text, '' ORDER BY 1) FROM pg_sequences
    UNION ALL SELECT count(*)::text FROM pg_statistic WHERE starelid >= 16384
    UNION ALL SELECT string_agg(setconfig::text, '') FROM pg_db_role_setting
        JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class _Template:
    """A migrated database that nobody enters any more.

    `filled` asks which other tables have rows, `state` for all that a clean database shares with it.
    """

    name: str
    filled: str
    state: str
    content: list[str]
    clean: list[str] = field(default_factory=list)


class Databases:
    """Makes databases for tests on one server, and takes them back."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._templates: dict[str, _Template] = {}
        self._in_use: dict[str, _Template] = {}

    def take(self, name: str, migrate: Migrate) -> str:
        """The address of a clean database with the schema `name`, which `migrate(url)` makes the first time.

        Its name was never used before, so whoever still knows an earlier user's address finds nothing there.
        """
        if name not in self._templates:
            self._templates[name] = self._migrated(f"template_{name}", migrate)
        template = self._templates[name]
        database = f"{template.name}_{uuid.uuid4().hex[:12]}"
        if template.clean:
            self._server.rename(template.clean.pop(), database)
        else:
            self._server.clone(template.name, database)
        self._in_use[database] = template
        return self._server.url_for(template.name, self._server.password, database)

    def give_back(self, url: str) -> None:
        """Throws everybody out of a database and empties it; one that is not as it was at first is dropped."""
        database = url.rpartition("/")[2]
        template = self._in_use.pop(database)
        if self._is_clean_again(database, template):
            template.clean.append(database)
        else:
            self._server.drop(database)

    def _migrated(self, name: str, migrate: Migrate) -> _Template:
        self._server.drop(name)
        migrate(self._server.create_role_and_database(name))
        with psycopg.connect(self._server.superuser_url(name)) as connection:
            tables = _column(connection, _TABLES)
            seeds = _column(connection, _with_rows(tables)) if tables else []
            others = [table for table in tables if table not in seeds]
            state = " UNION ALL ".join([_SHAPE, *(_content_of(table) for table in seeds)])
            template = _Template(name, _with_rows(others), state, _column(connection, state))
        self._server.close_to_clients(name)
        return template

    def _is_clean_again(self, database: str, template: _Template) -> bool:
        try:
            self._server.throw_out(database)
            with psycopg.connect(self._server.superuser_url(database)) as connection:
                # As a replica it does not ask the guards of tables that only grow.
                connection.execute("SET session_replication_role = replica")
                if filled := _column(connection, template.filled):
                    connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE".encode())
                return _column(connection, template.state) == template.content
        except psycopg.Error:
            return False


def _with_rows(tables: Iterable[str]) -> str:
    """Asks which of some tables have rows."""
    parts = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables]  # noqa: S608
    return " UNION ALL ".join(parts) or "SELECT '' WHERE false"


def _content_of(table: str) -> str:
    return f"SELECT md5(string_agg(seed::text, ',' ORDER BY seed::text)) FROM {table} AS seed"  # noqa: S608


def _column(connection: "psycopg.Connection[Any]", query: str) -> list[str]:
    return [row[0] for row in connection.execute(query.encode()).fetchall()]
