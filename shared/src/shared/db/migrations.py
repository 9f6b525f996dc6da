"""Migrations: the machinery's tables first, then the service's own, under a lock, by a command of their own.

Each of the two keeps its own version table. Migrations must work while the old code still runs, so they wait for locks
for two seconds at most.
"""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.pool import NullPool

from shared.db.engine import Database, driver_url
from shared.db.tables import shared_metadata

_HERE = Path(__file__).parent
SHARED_VERSIONS = _HERE / "versions"
SHARED_TABLE = "alembic_version_shared"
OWN_TABLE = "alembic_version"
LOCK_TIMEOUT_MS = 2000

_WAIT_FOR_OTHERS = text("SET LOCAL lock_timeout = 0")
"""Whoever migrates at the same time is waited for, as long as it takes: there is nothing left to do then."""

_LOCK = text("SELECT pg_advisory_lock(hashtextextended('migrate', 0))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('migrate', 0))")

_DEFINITIONS = text("""
    SELECT relname AS table, conname || ' ' || pg_get_constraintdef(checked.oid) AS definition
    FROM pg_constraint AS checked
    JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace ON pg_namespace.oid = connamespace
    WHERE nspname = :schema AND contype = 'c' AND relname = ANY(:tables)
    UNION ALL
    SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = :schema AND tablename = ANY(:tables)
""")


def _config(versions: Path, version_table: str, connection: Connection | None = None, **attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "alembic"))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes.update({"connection": connection, "version_table": version_table, **attributes})
    return config


def _revisions(versions: Path) -> list[str]:
    """The revisions in a folder of migrations, the newest first."""
    scripts = ScriptDirectory.from_config(_config(versions, OWN_TABLE))
    return [script.revision for script in scripts.walk_revisions()]


def _is_recent(revision: str | None, known: list[str]) -> bool:
    """Whether a schema is the newest that this code knows, or newer: a revision that nobody here has heard of.

    Migrations work while the old code runs, so what is newer is as good: else all that runs would be unfit from the
    migration until it is replaced, and a release could not be taken back.
    """
    return revision is not None and revision not in known[1:]


def _sets(migrations: Path) -> tuple[tuple[Path, str], ...]:
    return (SHARED_VERSIONS, SHARED_TABLE), (migrations, OWN_TABLE)


def migrate(url: str, migrations: Path) -> list[str]:
    """Brings the database at `url` to the newest revision; returns what was applied, empty when nothing was to do."""
    engine = create_engine(
        driver_url(url), poolclass=NullPool, connect_args={"options": f"-c lock_timeout={LOCK_TIMEOUT_MS}"}
    )
    with engine.connect() as connection:
        connection.execute(_WAIT_FOR_OTHERS)
        connection.execute(_LOCK)
        connection.commit()
        try:
            return [head for versions, table in _sets(migrations) if (head := _upgrade(connection, versions, table))]
        finally:
            connection.rollback()
            connection.execute(_UNLOCK)
            connection.commit()


def _upgrade(connection: Connection, versions: Path, table: str) -> str:
    current = MigrationContext.configure(connection, opts={"version_table": table}).get_current_revision()
    known = _revisions(versions)
    connection.commit()
    if _is_recent(current, known):
        return ""
    command.upgrade(_config(versions, table, connection), "head")
    connection.commit()
    return known[0] if known else ""


def make_revision(url: str, migrations: Path, metadata: MetaData, message: str, of_shared: bool = False) -> None:
    """Writes a new migration from the difference between the database at `url` and the tables in the code."""
    versions, table = _sets(migrations)[0 if of_shared else 1]
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        target = shared_metadata if of_shared else metadata
        config = _config(versions, table, connection, target_metadata=target, include_object=_only(target))
        command.revision(config, message=message, autogenerate=True, version_path=str(versions))


def _only(metadata: MetaData) -> Any:
    def include(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
        return kind != "table" or name in metadata.tables

    return include


def drift(url: str, metadata: MetaData) -> list[Any]:
    """What differs between a migrated database and the tables in the code; empty when they agree."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        differences: list[Any] = []
        for target in (shared_metadata, metadata):
            options = {"compare_type": True, "include_object": _only(target)}
            context = MigrationContext.configure(connection, opts=options)
            differences += compare_metadata(context, target)
        return differences + _other_checks(connection, metadata)


def _other_checks(connection: Connection, metadata: MetaData) -> list[Any]:
    """Checks and partial indexes, which Alembic does not compare: as the code would make them, and as they are."""
    targets = (shared_metadata, metadata)
    tables = [name for target in targets for name in target.tables]
    found = _definitions(connection, "public", tables)
    connection.execute(text("CREATE SCHEMA as_coded"))
    connection.execute(text("SET LOCAL search_path TO as_coded"))
    for target in targets:
        target.create_all(connection, checkfirst=False)
    coded = _definitions(connection, "as_coded", tables)
    connection.rollback()
    return sorted(found ^ coded)


def _definitions(connection: Connection, schema: str, tables: list[str]) -> set[tuple[str, str]]:
    rows = connection.execute(_DEFINITIONS, {"schema": schema, "tables": tables})
    return {(row.table, row.definition.replace(f"{schema}.", "")) for row in rows}


@cache
def _revisions_of_this_code(versions: Path) -> list[str]:
    # Reading all migrations takes longer than many a test, and they do not change while the code runs.
    return _revisions(versions)


class SchemaCheck:
    """A readiness check: the database has the schema that this code was written for, or a newer one."""

    def __init__(self, database: Database, migrations: Path) -> None:
        self._database = database
        self._sets = [(table, _revisions_of_this_code(versions)) for versions, table in _sets(migrations)]

    async def __call__(self) -> None:
        """Raises `RuntimeError` when the schema is older than this code."""
        for table, known in self._sets:
            row = await self._database.fetch_one(text(f"SELECT version_num FROM {table}"))  # noqa: S608
            if not _is_recent(row and row[0], known):
                raise RuntimeError(f"{table} is not at {known[0]}")
