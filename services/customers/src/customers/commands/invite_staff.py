"""Somebody is to join the staff: an account whose password its owner chooses by way of a link."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.customers import StaffUpdated
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import Row

from customers.adapters.audit_log import log_staff_action
from customers.adapters.links import Links
from customers.adapters.repository import open_account, staff_state
from customers.adapters.staff import Actor, join_staff
from customers.domain.permissions import Role
from customers.domain.staff_rights import require_within_rights
from customers.queries.accounts import STAFF_BY_ID


@dataclass(frozen=True, slots=True)
class NewMember:
    """Who joins; `permissions` are the exceptions from the role: true grants, false denies."""

    email: str
    first_name: str
    last_name: str
    role: Role
    phone: str
    employee_id: str | None
    hire_date: date
    permissions: dict[str, bool]
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class InviteStaff:
    """`password_hash` is that of a password which nobody knows."""

    actor: Actor
    member: NewMember
    password_hash: str = field(repr=False)
    key: IdempotencyKey | None = None


class InvitingStaff:
    """The handler."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, command: InviteStaff, uow: UnitOfWork) -> Row[Any]:
        """The new account; raises `BeyondOwnRights`, `EmailExists`, `EmployeeIdExists`, or what `claim` raises."""
        member = command.member
        require_within_rights(command.actor.permissions, {"role": member.role, "permissions": member.permissions})
        attempt = new_id()
        staff_id = await claim(uow, command.key, attempt)
        if staff_id == attempt:
            await _open(command, staff_id, uow)
        row = await uow.fetch_one(STAFF_BY_ID, {"id": staff_id})
        assert row is not None
        if staff_id != attempt:
            return row
        uow.record(StaffUpdated(staff=staff_state(row)), row.version)
        if member.is_active:
            await self._links.invite(uow, row)
        after = {"account_id": str(staff_id), "role": member.role, "permissions": member.permissions}
        await log_staff_action(uow, command.actor, "staff_updated", "Staff account created", after=after)
        return row


async def _open(command: InviteStaff, staff_id: UUID, uow: UnitOfWork) -> None:
    member = command.member
    await open_account(
        uow,
        "staff",
        staff_id,
        email=member.email,
        password_hash=command.password_hash,
        first_name=member.first_name,
        last_name=member.last_name,
        phone=member.phone,
    )
    await join_staff(
        uow,
        staff_id,
        role=member.role,
        employee_id=member.employee_id,
        hire_date=member.hire_date,
        permissions=member.permissions,
        is_active=member.is_active,
        is_invited=True,
    )
