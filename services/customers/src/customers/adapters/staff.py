"""Writes of staff accounts that several use cases share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import staff
from customers.domain.errors import EmployeeIdExists, LastAdmin
from customers.domain.staff_rights import is_administrator

_ADMINS = (
    select(staff)
    .where(staff.c.role == "admin", staff.c.is_active, ~staff.c.is_invited)
    .order_by(staff.c.id)
    .with_for_update()
)
"""Locked, so that of two administrators who demote each other, or are erased at once, one is left."""

_JOIN = insert(staff).on_conflict_do_nothing(index_elements=["employee_id"]).returning(staff.c.id)


@dataclass(frozen=True, slots=True)
class Actor(StaffMember):
    """Who of the staff acts, and what they may do."""

    permissions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        """As `member_of`, with the permissions."""
        return cls(caller.require_staff(), caller.ip, caller.ua, caller.permissions)


async def join_staff(uow: UnitOfWork, staff_id: UUID, **member: Any) -> None:
    """Makes the account one of the staff; raises `EmployeeIdExists`."""
    if await uow.scalar(_JOIN, {"id": staff_id, **member}) is None:
        raise EmployeeIdExists()


async def lock_administrators(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Those who may be administrators; nobody else changes them until the transaction ends."""
    return await uow.fetch_all(_ADMINS)


def require_another_administrator(administrators: Sequence[Row[Any]], account_id: UUID) -> None:
    """Raises `LastAdmin` if nobody but this account could let others in."""
    if not any(is_administrator(row._asdict()) for row in administrators if row.id != account_id):
        raise LastAdmin()
