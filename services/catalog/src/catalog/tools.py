"""The catalogue's own command-line tools."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from shared.environment import load_settings
from shared.errors import Invalid
from shared.service import Service

from catalog.commands.load_catalog import LoadCatalog
from catalog.first_data import first_data


def add_tools(cli: typer.Typer, service: Service[Any]) -> None:
    """`catalog load [FILE]`."""
    catalog = typer.Typer(help="The catalogue.")
    cli.add_typer(catalog, name="catalog")

    @catalog.callback()
    def group() -> None:
        """What operators do with the catalogue."""

    @catalog.command("load")
    def load(file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False)] = None) -> None:
        """Fill an empty catalogue from FILE, or with the first data; a catalogue that has a version stays as it is."""
        try:
            content = orjson.loads(file.read_bytes()) if file else first_data()
            loaded = asyncio.run(_load(service, content))
        except Invalid as error:
            _refuse("; ".join(f"{field}: {' '.join(why)}" for field, why in error.field_errors.items()))
        except (orjson.JSONDecodeError, ValidationError, KeyError) as error:
            _refuse(f"This is not a catalogue file: {error}")
        typer.echo("The catalogue is loaded." if loaded else "There is a catalogue already; nothing was changed.")


def _refuse(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


async def _load(service: Service[Any], content: Any) -> bool:
    platform = service.platform(load_settings(service.settings))
    try:
        return bool(await service.compose(platform).commands.execute(LoadCatalog(content)))
    finally:
        await platform.database.close()
