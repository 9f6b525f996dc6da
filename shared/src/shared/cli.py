"""The command line of a service: `python -m <service> api | worker | migrate | db backup | …`."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import typer

from shared.backups.command_line import AnotherDatabase, add_database_commands
from shared.environment import load_settings
from shared.messaging.operations import add_message_commands
from shared.service import Service
from shared.telemetry import setup_telemetry, shutdown_telemetry

log = logging.getLogger(__name__)


def run_until_signalled(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Runs `work(stop)` on uvloop; SIGTERM and Ctrl-C set `stop`."""
    import uvloop

    async def main() -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        await work(stop)

    try:
        uvloop.run(main())
    finally:
        shutdown_telemetry()


def service_cli(service: Service[Any]) -> typer.Typer:
    """All commands of one service."""
    cli = typer.Typer(add_completion=False, no_args_is_help=True, help=service.title, pretty_exceptions_enable=False)
    _add_processes(cli, service)
    _add_schema(cli, service)
    add_message_commands(cli, service)
    if service.tools is not None:
        service.tools(cli, service)
    return cli


def _add_processes(cli: typer.Typer, service: Service[Any]) -> None:
    @cli.command()
    def api() -> None:
        """Serve HTTP requests."""
        from shared.app import create_app
        from shared.serve import serve

        settings = load_settings(service.settings)
        setup_telemetry(service.name, "api", settings.log_level)

        async def work(stop: asyncio.Event) -> None:
            platform = service.platform(settings)
            app = create_app(service, platform, service.compose(platform))
            await serve(app, settings, stop)

        run_until_signalled(work)

    @cli.command()
    def worker() -> None:
        """Relay the outbox, consume events, run periodic jobs."""
        from shared.worker import Worker

        settings = load_settings(service.settings)
        setup_telemetry(service.name, "worker", settings.log_level)

        async def work(stop: asyncio.Event) -> None:
            platform = service.platform(settings)
            await Worker(service, platform, service.compose(platform)).run(stop)

        run_until_signalled(work)


def _add_schema(cli: typer.Typer, service: Service[Any]) -> None:
    @cli.command()
    def migrate(broker: bool = True, database: AnotherDatabase = "") -> None:
        """Bring the database and the broker's queues of this service to what the code needs."""
        from shared.db.migrations import migrate as run_migrations
        from shared.messaging.operations import declare_queues

        settings = load_settings(service.settings).in_database(database)
        applied = run_migrations(settings.database_url, service.migrations)
        if broker:
            asyncio.run(declare_queues(service.name, settings.rabbitmq_url))
        typer.echo(f"{service.name}: " + (f"migrated to {', '.join(applied)}" if applied else "nothing to migrate"))

    add_database_commands(cli, service, migrate)

    @cli.command()
    def openapi() -> None:
        """Print the OpenAPI document of this service."""
        from shared.app import openapi_of

        typer.echo(orjson.dumps(openapi_of(service), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
