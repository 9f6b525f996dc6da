"""One migration run again over rows of a test."""

import asyncio
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from shared.db.engine import driver_url


async def migrate_again(url: str, migrations: Path, slug: str) -> None:
    """Runs what the migration does that is named so, in a database that has all of them."""
    await asyncio.to_thread(_upgrade, url, migrations, slug)


def _upgrade(url: str, migrations: Path, slug: str) -> None:
    file = next(migrations.glob(f"*_{slug}.py"))
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise LookupError(file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()
