"""The command-line tool that forgets a person: `python -m customers accounts erase EMAIL [--dry-run]`."""

import asyncio
import time
from typing import Annotated, Any
from uuid import UUID

import typer
from shared.db.engine import Database
from shared.environment import load_settings
from shared.errors import Refusal
from shared.service import Platform, Service

from customers.commands.erase_person import ErasePerson, erase_person
from customers.commands.forget_account import Erasure
from customers.domain.forgetting import MoveUnderWay, NobodyToErase
from customers.queries.erasures import SERVICES, Progress, progress_of

POLL_SECONDS = 0.2


class NotReported(Exception):
    """Some services did not report in time; their work goes on, and can be looked up later."""


def add_erasing_commands(cli: typer.Typer, service: Service[Any]) -> None:
    """Adds `accounts erase`."""
    accounts = typer.Typer(no_args_is_help=True, help="Accounts of customers, staff and guests.")
    cli.add_typer(accounts, name="accounts")

    @accounts.callback()
    def group() -> None:
        """Accounts of customers, staff and guests."""

    @accounts.command()
    def erase(
        email: Annotated[str, typer.Argument()],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would happen.")] = False,
        even_unconfirmed: Annotated[
            bool,
            typer.Option(
                "--even-unconfirmed", help="Also what guests left with an account's address that nobody confirmed."
            ),
        ] = False,
        wait: Annotated[int, typer.Option(help="Seconds to wait for the reports of all services.")] = 60,
    ) -> None:
        """Forget whoever has this address, in every service. Workers must be running to tell the others."""
        command = ErasePerson(
            email=email.strip().lower(),
            requested_by="operator",
            dry_run=dry_run,
            even_unconfirmed=even_unconfirmed,
        )
        try:
            asyncio.run(_erase(service.platform(load_settings(service.settings)), command, wait))
        except NobodyToErase:
            _fail("There is neither an account nor a guest with this address.")
        except MoveUnderWay as refusal:
            _fail(f"{refusal.message} {', '.join(refusal.extra['booking_numbers'])}")
        except (Refusal, NotReported) as error:
            _fail(str(error))


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


async def _erase(platform: Platform[Any], command: ErasePerson, wait: int) -> None:
    commands = platform.commands({ErasePerson: erase_person})
    try:
        erasure = await commands.execute(command)
        if command.dry_run:
            _tell_plan(erasure)
            return
        typer.echo(f"The {erasure.kind} {erasure.id} is erased.")
        _tell_cancelled(erasure, "are")
        await _tell_reports(platform.database, erasure.id, wait)
    finally:
        await platform.database.close()


def _tell_plan(erasure: Erasure) -> None:
    typer.echo(f"The {erasure.kind} would be erased. Nothing was changed.")
    _tell_cancelled(erasure, "would be")
    _tell("customers", "would erase", erasure.erased, erasure.kept)
    for name in sorted(SERVICES - {"customers"}):
        typer.echo(f"{name}: would be told to erase, and report.")


def _tell_cancelled(erasure: Erasure, what: str) -> None:
    if erasure.cancelled:
        typer.echo(f"These {what} cancelled and refunded by their terms: {', '.join(erasure.cancelled)}.")


def _tell(service: str, what: str, erased: dict[str, int], kept: dict[str, str]) -> None:
    rows = ", ".join(f"{count} in {table}" for table, count in erased.items()) or "nothing"
    typer.echo(f"{service}: {what} {rows}")
    for table, reason in kept.items():
        typer.echo(f"  keeps {table}: {reason}")


async def _tell_reports(database: Database, erasure_id: UUID, wait: int) -> None:
    """Each report as it comes; raises `NotReported` after `wait` seconds."""
    told: set[str] = set()
    deadline = time.monotonic() + wait
    while True:
        progress = await progress_of(database, erasure_id)
        assert progress is not None
        _tell_new(progress, told)
        if not progress.waiting_for:
            return
        if time.monotonic() > deadline:
            raise NotReported(
                f"Still waiting for {', '.join(progress.waiting_for)}: see their workers and parked events."
            )
        await asyncio.sleep(POLL_SECONDS)


def _tell_new(progress: Progress, told: set[str]) -> None:
    for report in progress.reports:
        if report.service not in told:
            told.add(report.service)
            _tell(report.service, "erased", report.erased, report.kept)
