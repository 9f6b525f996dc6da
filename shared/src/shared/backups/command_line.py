"""`python -m <service> db migrate | backup | restore`."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from shared.backups.making import Backups
from shared.backups.programs import BackupFailed
from shared.clock import utc_now
from shared.environment import load_settings
from shared.service import Service

AnotherDatabase = Annotated[
    str, typer.Option("--database", help="Another database of the same server, such as one to try a backup in.")
]

AFTERWARDS = """Before the processes of {service} start, as docs/operations.md says under "After a restore":
- numbers that were given out since the backup must not be given out again;
- `{service} db migrate`;
and with the workers running:
- `events replay` from an hour before the backup, in every other service;
- `customers erasures apply FILE`, so that nobody comes back who was erased."""


def add_database_commands(cli: typer.Typer, service: Service[Any], migrate: Callable[..., None]) -> None:
    """`db migrate` is the service's `migrate`."""
    db = typer.Typer(help="The database: its schema and its backups.")
    db.command()(migrate)

    @db.command()
    def backup() -> None:
        """Back the database up into BACKUP_DIR, and remove backups older than BACKUP_DAYS."""
        with _sentences():
            made = asyncio.run(_backups(service).make(utc_now()))
        typer.echo(f"{made.path} ({made.path.stat().st_size} bytes)")

    @db.command()
    def restore(
        file: Annotated[str, typer.Argument(help="A backup's file, or `latest`.")],
        drop_all_present_data: Annotated[bool, typer.Option("--drop-all-present-data")] = False,
        database: AnotherDatabase = "",
    ) -> None:
        """Put a backup back into an empty database, whole or not at all."""
        with _sentences():
            backups = _backups(service, database)
            path = backups.find(file)
            asyncio.run(backups.restore(path, drop_all_present_data))
        typer.echo(f"{path} is restored.\n{AFTERWARDS.format(service=service.name)}")

    cli.add_typer(db, name="db")


def _backups(service: Service[Any], database: str = "") -> Backups:
    return Backups.of(service.name, load_settings(service.settings).in_database(database))


@contextmanager
def _sentences() -> Iterator[None]:
    """A failure ends the process with 1 and a sentence."""
    try:
        yield
    except BackupFailed as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
