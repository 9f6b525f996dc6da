"""Registration, login and passwords of customers."""

from enum import Enum
from typing import Any

from fastapi import APIRouter, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Unauthenticated
from shared.http import access
from shared.http.identity import Caller
from sqlalchemy import Row

from customers.adapters.common_passwords import common_passwords
from customers.adapters.passwords import Passwords
from customers.api import answers, presenting, schemas
from customers.authentication import Authentication
from customers.commands.change_password import ChangePassword
from customers.commands.register_customer import RegisterCustomer
from customers.domain.errors import StaffAccount
from customers.domain.passwords import require_good_password
from customers.queries.accounts import customer_row

TAGS: list[str | Enum] = ["Customer accounts"]


def routes(database: Database, commands: Commands, passwords: Passwords, authentication: Authentication) -> APIRouter:
    """The router. Answers that open a session are written by hand: the gateway takes `session` out and puts
    `csrf_token` in, so what they are documented as is what clients see."""
    router = APIRouter(prefix="/api/customers/auth", tags=TAGS)
    _add_entrances(router, database, commands, passwords, authentication)
    _add_account(router, database, commands, passwords, authentication)
    return router


def _add_entrances(
    router: APIRouter,
    database: Database,
    commands: Commands,
    passwords: Passwords,
    authentication: Authentication,
) -> None:
    @router.post(
        "/register/",
        status_code=201,
        response_model=answers.CustomerLogin,
        operation_id="register_customer",
        summary="Open an account",
    )
    async def register(body: schemas.Registration, _: Caller = access.anyone()) -> Response:
        """Open an account and log in. 409 `email_exists` if the address has an account of any kind."""
        require_good_password(body.password, body.email, common_passwords())
        password_hash = await passwords.hash(body.password)
        command = RegisterCustomer(body.email, password_hash, body.first_name, body.last_name, body.phone)
        row = await commands.execute(command)
        return _logged_in("Registration successful", row, row.access_version, 201)

    @router.post("/login/", response_model=answers.CustomerLogin, operation_id="log_customer_in", summary="Log in")
    async def log_in(body: schemas.Credentials, _: Caller = access.anyone()) -> Response:
        """Log in. 400 `invalid_credentials`; 403 `staff_account` for staff; 423 `account_locked` after ten failures."""
        account = await authentication.prove(body.email, body.password)
        if account.kind != "customer":
            raise StaffAccount()
        row = await customer_row(database, account.account_id)
        assert row is not None
        return _logged_in("Login successful", row, account.access_version, 200)


def _logged_in(message: str, row: Row[Any], access_version: int, status: int) -> Response:
    session = presenting.session_of_customer(row, access_version)
    return presenting.with_session({"message": message, **presenting.customer(row)}, session, status)


def _add_account(
    router: APIRouter,
    database: Database,
    commands: Commands,
    passwords: Passwords,
    authentication: Authentication,
) -> None:
    @router.post("/logout/", response_model=answers.Message, operation_id="log_customer_out", summary="Log out")
    async def log_out(_: Caller = access.customer()) -> dict[str, str]:
        """Log out; the gateway ends the session."""
        return {"message": "Logged out successfully"}

    @router.get("/user/", response_model=answers.CustomerSelf, operation_id="get_customer_self", summary="Who am I")
    async def who_am_i(caller: Caller = access.customer()) -> dict[str, Any]:
        """Who am I."""
        row = await customer_row(database, caller.require_customer())
        if row is None:
            raise Unauthenticated()
        return presenting.customer(row)

    @router.post(
        "/password/",
        response_model=answers.PasswordChanged,
        operation_id="change_customer_password",
        summary="Change my password",
    )
    async def change_password(body: schemas.PasswordChange, caller: Caller = access.customer()) -> Response:
        """Change the password. The caller's session goes on under a new id; all others end."""
        require_good_password(body.new_password, caller.email, common_passwords(), "new_password")
        account = await authentication.prove_own(caller, body.current_password)
        new_hash = await passwords.hash(body.new_password)
        changed = await commands.execute(ChangePassword(account.account_id, account.password_hash, new_hash))
        row = await customer_row(database, account.account_id)
        assert row is not None
        session = presenting.session_of_customer(row, changed.access_version)
        return presenting.with_session({"message": "Password changed"}, session)
