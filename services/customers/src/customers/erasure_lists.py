"""The list of who is to stay forgotten, kept beside the backups: `python -m customers erasures export|apply`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from shared.db.engine import Database
from shared.environment import load_settings
from shared.service import Platform, Service
from sqlalchemy import select

from customers.adapters.people_tables import erasures
from customers.commands.repeat_erasure import RepeatErasure, repeat_erasure

_ALL = select(erasures).order_by(erasures.c.erased_at, erasures.c.id)
_LINE = TypeAdapter(RepeatErasure)


def add_list_commands(cli: typer.Typer, service: Service[Any]) -> None:
    """Adds `erasures export` and `erasures apply`."""
    lists = typer.Typer(no_args_is_help=True, help="Who is to stay forgotten, whatever is restored.")
    cli.add_typer(lists, name="erasures")

    @lists.command()
    def export(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
        """Write the list to a file: ids, hashes of addresses, and times. Keep it apart from the backups."""
        count = asyncio.run(_export(_platform(service).database, file))
        typer.echo(f"{count} erasures are in {file}.")

    @lists.command()
    def apply(
        file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="Written by `export`.")] = None,
    ) -> None:
        """Apply all erasures again, those of the file too; for after a restore. Doing it again harms nothing."""
        told, restored = asyncio.run(_apply(_platform(service), file))
        typer.echo(f"{told} erasures are told to all services; {restored} were not known here and are done again.")


def _platform(service: Service[Any]) -> Platform[Any]:
    return service.platform(load_settings(service.settings))


async def _export(database: Database, file: Path) -> int:
    """Replaces the file as a whole, so that a broken export leaves the last one."""
    try:
        known = await _known(database)
    finally:
        await database.close()
    fresh = file.with_name(f"{file.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(b"".join(_LINE.dump_json(one) + b"\n" for one in known))
    fresh.replace(file)
    return len(known)


async def _apply(platform: Platform[Any], file: Path | None) -> tuple[int, int]:
    """How many were told, and how many of them were done again here."""
    commands = platform.commands({RepeatErasure: repeat_erasure})
    try:
        wanted = {one.id: one for one in [*_read(file), *await _known(platform.database)]}
        restored = [await commands.execute(one) for one in wanted.values()]
    finally:
        await platform.database.close()
    return len(restored), sum(restored)


async def _known(database: Database) -> list[RepeatErasure]:
    return [RepeatErasure(**row._mapping) for row in await database.fetch_all(_ALL)]


def _read(file: Path | None) -> list[RepeatErasure]:
    return [_LINE.validate_json(line) for line in file.read_bytes().splitlines()] if file else []
