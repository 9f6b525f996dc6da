"""Command-line tools of the customers service: `python -m customers staff create …`."""

import asyncio
import os
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from shared.environment import load_settings
from shared.errors import Invalid, Refusal
from shared.http.errors import field_errors_of
from shared.http.fields import Body, Email, Name, Phone
from shared.service import Platform, Service

from customers.adapters.common_passwords import common_passwords
from customers.adapters.passwords import Passwords
from customers.api.staff_schemas import EmployeeId
from customers.commands.create_staff_account import CreateStaffAccount, create_staff_account
from customers.commands.set_up_second_factor import ResetSecondFactor
from customers.domain.errors import EmailExists
from customers.domain.passwords import require_good_password
from customers.domain.permissions import Role
from customers.queries.accounts import login_row


class NewStaff(Body):
    """Who joins the staff."""

    email: Email
    role: Role
    first_name: Name
    last_name: Name
    phone: Phone | None = None
    employee_id: EmployeeId | None = None


def add_staff_commands(cli: typer.Typer, service: Service[Any]) -> None:
    """Adds `staff create` and `staff reset-second-factor`."""
    staff = typer.Typer(no_args_is_help=True, help="Staff accounts.")
    cli.add_typer(staff, name="staff")

    @staff.callback()
    def group() -> None:
        """Staff accounts."""

    @staff.command()
    def create(
        email: Annotated[str, typer.Option()],
        role: Annotated[str, typer.Option(help="viewer, operator, manager or admin")],
        first_name: Annotated[str, typer.Option()],
        last_name: Annotated[str, typer.Option()],
        phone: Annotated[str | None, typer.Option()] = None,
        employee_id: Annotated[str | None, typer.Option()] = None,
    ) -> None:
        """Create a staff account; its password comes from STAFF_PASSWORD or is asked for. Existing ones stay."""
        given = {"email": email, "role": role, "first_name": first_name, "last_name": last_name}
        settings = load_settings(service.settings)
        try:
            person = NewStaff.model_validate({**given, "phone": phone, "employee_id": employee_id})
            require_good_password(password := _password(), person.email, common_passwords())
            typer.echo(asyncio.run(_create(service.platform(settings), person, password)))
        except ValidationError as error:
            _fail(Invalid(field_errors_of(error.errors())))
        except Refusal as refusal:
            _fail(refusal)

    @staff.command()
    def reset_second_factor(email: Annotated[str, typer.Argument()]) -> None:
        """Let somebody who lost the phone and the recovery codes in with the password alone. All sessions end."""
        settings = load_settings(service.settings)
        try:
            asyncio.run(_reset_second_factor(service, settings, email.strip().lower()))
        except Refusal as refusal:
            _fail(refusal)
        typer.echo(f"{email} logs in with the password alone.")


def _password() -> str:
    return os.environ.get("STAFF_PASSWORD") or str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _fail(refusal: Refusal) -> None:
    typer.echo(refusal.message, err=True)
    if isinstance(refusal, Invalid):
        for field, sentences in refusal.field_errors.items():
            typer.echo(f"{field}: {' '.join(sentences)}", err=True)
    raise typer.Exit(1) from None


async def _create(platform: Platform[Any], person: NewStaff, password: str) -> str:
    """What happened, as a sentence; raises `EmailExists` for a customer's address."""
    passwords = Passwords(threads=1)
    commands = platform.commands({CreateStaffAccount: create_staff_account})
    try:
        await commands.execute(_command(person, await passwords.hash(password)))
        return f"{person.email} joined as {person.role}."
    except EmailExists:
        if (await login_row(platform.database, person.email)).kind != "staff":
            raise
        return f"{person.email} exists already."
    finally:
        await passwords.stop()
        await platform.database.close()


async def _reset_second_factor(service: Service[Any], settings: Any, email: str) -> None:
    platform = service.platform(settings)
    try:
        await service.compose(platform).commands.execute(ResetSecondFactor(email))
    finally:
        await platform.database.close()


def _command(person: NewStaff, password_hash: str) -> CreateStaffAccount:
    return CreateStaffAccount(
        email=person.email,
        password_hash=password_hash,
        role=person.role,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone or "",
        employee_id=person.employee_id,
    )
