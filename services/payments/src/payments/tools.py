"""What operators do with payments from the command line."""

import asyncio
import logging

import typer
from shared.app import opened
from shared.environment import load_settings
from shared.jobs import Job
from shared.service import Platform, Service

from payments.errands.together import AllFailed, Tally
from payments.queries.webhooks import parked_things
from payments.settings import Settings

log = logging.getLogger(__name__)


def tools(cli: typer.Typer, service: Service[Settings]) -> None:
    """The service's own commands for operators."""

    @cli.command()
    def reconcile() -> None:
        """Compare payments, refunds and movements of money with Stripe now, once; exits with 1 if something failed."""
        failed = asyncio.run(_reconcile(service))
        if failed:
            typer.echo(f"{failed} could not be compared with Stripe; the log tells which.", err=True)
            raise typer.Exit(1)
        typer.echo("Payments, refunds and movements of money are as Stripe has them.")

    @cli.command()
    def parked() -> None:
        """List the payments and webhooks that wait for people. Staff resolve them by the API, where it is audited."""
        for line in asyncio.run(_parked(service)):
            typer.echo(line)


def _platform(service: Service[Settings]) -> Platform[Settings]:
    return service.platform(Settings.model_validate(load_settings(service.settings)))


async def _reconcile(service: Service[Settings]) -> int:
    platform = _platform(service)
    parts = service.compose(platform)
    async with opened(parts.resources):
        failed = [await _failures_of(job) for job in parts.jobs]
    await platform.database.close()
    return sum(failed)


async def _failures_of(job: Job) -> int:
    """One job that fails keeps no other from running."""
    try:
        tally = await job.run()
    except AllFailed as error:
        return error.failed
    except Exception:
        log.exception("%s failed", job.name)
        return 1
    return tally.failed if isinstance(tally, Tally) else 0


async def _parked(service: Service[Settings]) -> list[str]:
    database = _platform(service).database
    rows = await parked_things(database)
    await database.close()
    return [f"{row.kind}  {row.id}  {row.since:%Y-%m-%d %H:%M}  {row.about}" for row in rows]
