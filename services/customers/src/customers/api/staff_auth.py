"""Login and logout of staff. Both are in the audit log before they are answered."""

from enum import Enum
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from shared.clock import Clock
from shared.commands import Commands
from shared.contracts.customers import AuditRecorded
from shared.db.engine import Database
from shared.errors import Unauthenticated
from shared.http import access
from shared.http.identity import Caller
from shared.ids import new_id

from customers.api import answers, presenting, schemas
from customers.authentication import Authentication
from customers.commands.keep_audit_entry import KeepAuditEntry
from customers.domain.errors import CustomerAccount
from customers.queries.accounts import staff_row

TAGS: list[str | Enum] = ["Staff accounts"]


def routes(database: Database, commands: Commands, authentication: Authentication, clock: Clock) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/staff/auth", tags=TAGS)

    @router.post("/login/", response_model=answers.StaffLogin, operation_id="log_staff_in", summary="Log in")
    async def log_in(body: schemas.Credentials, caller: Caller = access.anyone()) -> Response:
        """Log in. 400 `invalid_credentials`; 403 `customer_account` for customers; 423 `account_locked`."""
        account = await authentication.prove(body.email, body.password)
        if account.kind != "staff":
            raise CustomerAccount()
        await commands.execute(KeepAuditEntry(_entry("login", account.account_id, caller, clock)))
        row = await staff_row(database, account.account_id)
        assert row is not None
        session = presenting.session_of_staff(row, account.access_version)
        return presenting.with_session({"message": "Login successful", **presenting.staff_member(row)}, session)

    @router.post("/logout/", response_model=answers.Message, operation_id="log_staff_out", summary="Log out")
    async def log_out(caller: Caller = access.staff()) -> dict[str, str]:
        """Log out; the gateway ends the session."""
        await commands.execute(KeepAuditEntry(_entry("logout", caller.require_staff(), caller, clock)))
        return {"message": "Logged out successfully"}

    @router.get("/user/", response_model=answers.StaffSelf, operation_id="get_staff_self", summary="Who am I")
    async def who_am_i(caller: Caller = access.staff()) -> dict[str, Any]:
        """Who am I."""
        row = await staff_row(database, caller.require_staff())
        if row is None:
            raise Unauthenticated()
        return presenting.staff_member(row)

    return router


def _entry(action: Any, staff_id: UUID, caller: Caller, clock: Clock) -> AuditRecorded:
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=staff_id,
        action_type=action,
        description="Logged in" if action == "login" else "Logged out",
        ip_address=caller.ip,
        user_agent=caller.ua,
        happened_at=clock(),
    )
