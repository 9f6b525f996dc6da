"""The gateway's command line."""

import typer
from pydantic import ValidationError
from shared.telemetry import setup_telemetry, shutdown_telemetry

from gateway.composition import build
from gateway.server import serve
from gateway.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _main() -> None:
    """The public door of Tote Taxi."""


def _load_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"{where or 'Settings'}: {problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from None


@app.command()
def api() -> None:
    """Serve the public API until SIGTERM."""
    settings = _load_settings()
    setup_telemetry("gateway", "api", settings.log_level)
    try:
        serve(build(settings), settings.host, settings.port)
    finally:
        shutdown_telemetry()
