"""Staff accounts, for those who manage staff."""

import secrets
from enum import Enum
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.answers import answered_once
from shared.http.fields import Text
from shared.http.idempotency import IdempotencyKey, OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.adapters.passwords import Passwords
from customers.adapters.staff import Actor
from customers.api import answers, presenting, presenting_staff, staff_answers, staff_schemas
from customers.commands.change_staff import ChangeStaff
from customers.commands.invite_staff import InviteStaff, NewMember
from customers.commands.resend_invitation import ResendInvitation
from customers.domain.errors import StaffNotFound
from customers.domain.permissions import Role
from customers.queries.accounts import staff_row
from customers.queries.staff import StaffFilter, staff_page

TAGS: list[str | Enum] = ["Staff: accounts"]


class Hiring:
    """Makes accounts of people who will choose their password themselves."""

    def __init__(self, commands: Commands, passwords: Passwords, clock: Clock, zone: ZoneInfo) -> None:
        self._commands = commands
        self._passwords = passwords
        self._clock = clock
        self._zone = zone

    async def invite(self, actor: Actor, wanted: staff_schemas.NewStaffAccount, key: IdempotencyKey | None) -> Any:
        """The new account's row."""
        member = NewMember(
            email=wanted.email,
            first_name=wanted.first_name,
            last_name=wanted.last_name,
            role=wanted.role,
            phone=wanted.phone or "",
            employee_id=wanted.employee_id,
            hire_date=wanted.hire_date or self._clock().astimezone(self._zone).date(),
            permissions=wanted.permissions,
            is_active=wanted.is_active,
        )
        nobodys = await self._passwords.hash(secrets.token_urlsafe(32))
        return await self._commands.execute(InviteStaff(actor, member, nobodys, key))


def routes(database: Database, commands: Commands, hiring: Hiring) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/staff/accounts", tags=TAGS)
    _add_reads(router, database)
    _add_invitations(router, database, commands, hiring)
    _add_change(router, commands)
    return router


def _add_reads(router: APIRouter, database: Database) -> None:
    @router.get(
        "/",
        response_model=staff_answers.StaffAccountPage,
        operation_id="list_staff_accounts",
        summary="All staff accounts",
    )
    async def list_accounts(
        request: Request,
        search: Annotated[Text, Query(max_length=100)] = "",
        role: Role | None = None,
        is_active: bool | None = None,
        page: Page = Depends(wanted_page),
        _: Caller = access.staff("manage_staff"),
    ) -> dict[str, Any]:
        """Staff by name. `search`: the start of a name, an e-mail address or an employee id."""
        rows, count = await staff_page(database, StaffFilter(search.strip() or None, role, is_active), page)
        return paged(request, page, [presenting_staff.staff_account(row) for row in rows], count)

    @router.get(
        "/{id}/",
        response_model=staff_answers.StaffAccount,
        operation_id="get_staff_account",
        summary="One staff account",
    )
    async def show(id: UUID, _: Caller = access.staff("manage_staff")) -> dict[str, Any]:
        """One staff account."""
        row = await staff_row(database, id)
        if row is None:
            raise StaffNotFound()
        return presenting_staff.staff_account(row)


def _add_invitations(router: APIRouter, database: Database, commands: Commands, hiring: Hiring) -> None:
    @router.post(
        "/",
        status_code=201,
        response_model=staff_answers.StaffAccount,
        operation_id="invite_staff",
        summary="Invite somebody to the staff",
    )
    async def invite(
        body: staff_schemas.NewStaffAccount, key: OptionalKey, caller: Caller = access.staff("manage_staff")
    ) -> Response:
        """Make an account; its owner chooses the password by a link of 72 h.

        409 `email_exists`, for customers' addresses too, or `employee_id_exists`.
        """

        async def work() -> dict[str, Any]:
            account = presenting_staff.staff_account(await hiring.invite(Actor.of(caller), body, key))
            return staff_answers.StaffAccount.model_validate(account).model_dump(mode="json")

        return await answered_once(database, key, work, 201)

    @router.post(
        "/{id}/resend-invitation/",
        response_model=answers.Message,
        operation_id="resend_invitation",
        summary="Send an invitation again",
    )
    async def resend(id: UUID, caller: Caller = access.staff("manage_staff")) -> dict[str, str]:
        """Send another link; the earlier one ends. 409 `no_open_invitation`."""
        await commands.execute(ResendInvitation(Actor.of(caller), id))
        return {"message": "Another invitation is on its way."}


def _add_change(router: APIRouter, commands: Commands) -> None:
    @router.put(
        "/{id}/",
        response_model=staff_answers.StaffAccount,
        operation_id="change_staff_account",
        summary="Change a staff account",
    )
    async def change(
        id: UUID, body: staff_schemas.StaffAccountChange, caller: Caller = access.staff("manage_staff")
    ) -> Response:
        """Change what is given. Another role, other permissions, another address and deactivation end all sessions.

        409 `own_account`, `last_admin`, `email_exists`, `employee_id_exists` or `stale_version`.
        """
        row = await commands.execute(ChangeStaff(Actor.of(caller), id, body.changes(), body.version))
        return presenting.with_shut_out(presenting_staff.staff_account(row), row.id, row.access_version)
