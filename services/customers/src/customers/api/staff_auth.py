"""Login, logout and passwords of staff. All of it is in the audit log before it is answered."""

from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from shared.audit import StaffMember, audit_entry, member_of
from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Unauthenticated
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller
from sqlalchemy import Row

from customers.adapters.common_passwords import common_passwords
from customers.adapters.passwords import Passwords
from customers.adapters.staff import Actor
from customers.api import answers, schemas, staff_answers
from customers.api.staff_sessions import StaffSessions
from customers.authentication import Authentication
from customers.commands.await_second_factor import AwaitSecondFactor
from customers.commands.change_password import ChangePassword
from customers.commands.keep_audit_entry import KeepAuditEntry
from customers.domain.errors import CustomerAccount
from customers.domain.passwords import require_good_password
from customers.queries.accounts import staff_row

TAGS: list[str | Enum] = ["Staff: accounts"]


@dataclass(frozen=True, slots=True)
class StaffDoor:
    """What login, logout and change of the password work with."""

    database: Database
    commands: Commands
    passwords: Passwords
    authentication: Authentication
    sessions: StaffSessions
    clock: Clock


def routes(door: StaffDoor) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/staff/auth", tags=TAGS)
    _add_login(router, door)
    _add_account(router, door)
    return router


def _add_login(router: APIRouter, door: StaffDoor) -> None:
    @router.post(
        "/login/",
        response_model=answers.StaffLogin | staff_answers.SecondFactorWanted,
        operation_id="log_staff_in",
        summary="Log in",
    )
    async def log_in(body: schemas.Credentials, caller: Caller = access.anyone()) -> Response:
        """Log in. 400 `invalid_credentials`; 403 `customer_account` for customers; 423 `account_locked`.

        Whoever has a second factor gets no session yet but a `login_token` for the second step.
        """
        account = await door.authentication.prove(body.email, body.password)
        if account.kind != "staff":
            raise CustomerAccount()
        row = await _own(door, account.account_id)
        if row.has_second_factor:
            waiting = AwaitSecondFactor(account.account_id, account.access_version)
            wanted = {"totp_required": True, "login_token": await door.commands.execute(waiting)}
            return answer(wanted)
        member = StaffMember(account.account_id, caller.ip, caller.ua)
        await door.commands.execute(KeepAuditEntry(audit_entry(member, door.clock(), "login", "Logged in")))
        return door.sessions.logged_in(row, account.access_version)


def _add_account(router: APIRouter, door: StaffDoor) -> None:
    @router.post("/logout/", response_model=answers.Message, operation_id="log_staff_out", summary="Log out")
    async def log_out(caller: Caller = access.staff()) -> dict[str, str]:
        """Log out; the gateway ends the session."""
        entry = audit_entry(member_of(caller), door.clock(), "logout", "Logged out")
        await door.commands.execute(KeepAuditEntry(entry))
        return {"message": "Logged out successfully"}

    @router.get("/user/", response_model=answers.StaffSelf, operation_id="get_staff_self", summary="Who am I")
    async def who_am_i(caller: Caller = access.staff()) -> dict[str, Any]:
        """Who am I."""
        return door.sessions.member(await _own(door, caller.require_staff()))

    @router.post(
        "/password/",
        response_model=answers.PasswordChanged,
        operation_id="change_staff_password",
        summary="Change my password",
    )
    async def change_password(body: schemas.PasswordChange, caller: Caller = access.staff()) -> Response:
        """Change the password. The caller's session goes on under a new id; all others end."""
        require_good_password(body.new_password, caller.email, common_passwords(), "new_password")
        account = await door.authentication.prove_own(caller, body.current_password)
        new_hash = await door.passwords.hash(body.new_password)
        command = ChangePassword(account.account_id, account.password_hash, new_hash, Actor.of(caller))
        changed = await door.commands.execute(command)
        row = await _own(door, account.account_id)
        return door.sessions.opened({"message": "Password changed"}, row, changed.access_version)


async def _own(door: StaffDoor, staff_id: UUID) -> Row[Any]:
    row = await staff_row(door.database, staff_id)
    if row is None:
        raise Unauthenticated()
    return row
