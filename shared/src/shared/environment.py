"""Settings from the environment, as command lines need them."""

import typer
from pydantic import ValidationError

from shared.settings import ServiceSettings


def load_settings(settings: type[ServiceSettings]) -> ServiceSettings:
    """The settings from the environment; wrong ones end the process with a sentence for each."""
    try:
        return settings()
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"{where or 'Settings'}: {problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from None
