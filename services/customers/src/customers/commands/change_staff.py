"""A staff account is changed by those who manage staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import StaffUpdated
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, update
from sqlalchemy.exc import IntegrityError

from customers.adapters.account_tokens import forget_ways_in
from customers.adapters.audit_log import log_staff_action
from customers.adapters.links import Links
from customers.adapters.repository import staff_state
from customers.adapters.sessions import end_sessions
from customers.adapters.staff import Actor, lock_administrators, require_another_administrator
from customers.adapters.tables import accounts, staff
from customers.domain.errors import EmailExists, EmployeeIdExists, StaffNotFound, StaleVersion
from customers.domain.staff_rights import (
    ENDS_SESSIONS,
    is_administrator,
    require_others,
    require_within_rights,
)
from customers.queries.accounts import STAFF_BY_ID

OF_ACCOUNT = ("email", "first_name", "last_name", "phone")
PERSONAL = frozenset(OF_ACCOUNT)
"""The audit log names these when they change and never holds them, since it can't forget."""
CHANGEABLE = (*OF_ACCOUNT, "role", "employee_id", "hire_date", "permissions", "is_active")

_PRESENT = STAFF_BY_ID.where(accounts.c.erased_at.is_(None)).with_for_update(of=accounts)
_REFUSALS = {"accounts_email": EmailExists, "staff_employee_id_key": EmployeeIdExists}


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    """`wanted` holds what is to be different; `version`, if given, must be the present one."""

    actor: Actor
    account_id: UUID
    wanted: Mapping[str, Any]
    version: int | None = None


class ChangingStaff:
    """The handler."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, command: ChangeStaff, uow: UnitOfWork) -> Row[Any]:
        """The account after the change. Sessions end when what lets its owner in, or what they may do, changes.

        Raises `StaffNotFound`, `StaleVersion`, `OwnAccount`, `BeyondOwnRights`, `LastAdmin`, `EmailExists` or
        `EmployeeIdExists`.
        """
        administrators = await lock_administrators(uow)
        row = await _locked(command, uow)
        before = {name: getattr(row, name) for name in CHANGEABLE}
        changed = {name: value for name, value in command.wanted.items() if value != before[name]}
        if not changed:
            return row
        after = {**before, **changed}
        _check(command, before, after, changed)
        if is_administrator(before) and not is_administrator(after):
            require_another_administrator(administrators, row.id)
        row = await _write(uow, row.id, changed)
        await self._invite_again(uow, row, changed)
        await _tell(command.actor, uow, row, before, changed)
        return row

    async def _invite_again(self, uow: UnitOfWork, row: Row[Any], changed: Mapping[str, Any]) -> None:
        """Links went to the old address or to somebody who may not come in; who waits for one gets another."""
        if "email" in changed or "is_active" in changed:
            await forget_ways_in(uow, row.id)
            if row.is_active and row.is_invited:
                await self._links.invite(uow, row)


async def _locked(command: ChangeStaff, uow: UnitOfWork) -> Row[Any]:
    row = await uow.fetch_one(_PRESENT, {"id": command.account_id})
    if row is None:
        raise StaffNotFound()
    if command.version not in (None, row.version):
        raise StaleVersion(version=row.version)
    return row


def _check(
    command: ChangeStaff, before: Mapping[str, Any], after: Mapping[str, Any], changed: Mapping[str, Any]
) -> None:
    if command.account_id == command.actor.id:
        require_others(changed)
    else:
        require_within_rights(command.actor.permissions, before, after)


async def _write(uow: UnitOfWork, account_id: UUID, changed: Mapping[str, Any]) -> Row[Any]:
    ends_sessions = any(name in changed for name in ENDS_SESSIONS)
    of_account = {name: value for name, value in changed.items() if name in OF_ACCOUNT}
    of_staff = {name: value for name, value in changed.items() if name not in OF_ACCOUNT}
    if ends_sessions:
        of_account["access_version"] = accounts.c.access_version + 1
    statement = update(accounts).where(accounts.c.id == account_id)
    try:
        await uow.execute(statement.values(version=accounts.c.version + 1, updated_at=uow.now, **of_account))
        if of_staff:
            await uow.execute(update(staff).where(staff.c.id == account_id).values(**of_staff))
    except IntegrityError as error:
        raise _refusal(error) from error
    row = await uow.fetch_one(STAFF_BY_ID, {"id": account_id})
    assert row is not None
    return row


def _refusal(error: IntegrityError) -> Exception:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
    kind = _REFUSALS.get(constraint)
    return kind() if kind else error


async def _tell(
    actor: Actor, uow: UnitOfWork, row: Row[Any], before: Mapping[str, Any], changed: Mapping[str, Any]
) -> None:
    uow.record(StaffUpdated(staff=staff_state(row)), row.version)
    if any(name in changed for name in ENDS_SESSIONS):
        reason = "staff_changed" if row.is_active else "staff_deactivated"
        await end_sessions(uow, row.id, row.version, row.access_version, reason)
    told = [name for name in changed if name not in PERSONAL]
    was = {"account_id": str(row.id), **{name: _plain(before[name]) for name in told}}
    now = {"account_id": str(row.id), **{name: _plain(changed[name]) for name in told}}
    if personal := sorted(PERSONAL & set(changed)):
        now["personal_fields"] = personal
    await log_staff_action(uow, actor, "staff_updated", "Staff account changed", before=was, after=now)


def _plain(value: Any) -> Any:
    """As it is kept in JSON."""
    return value.isoformat() if hasattr(value, "isoformat") else value
