"""Writes that several use cases share."""

from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import CustomerState, StaffState
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, bindparam, update
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.sessions import end_sessions
from customers.adapters.tables import accounts
from customers.domain.errors import EmailExists

_OPEN = insert(accounts).on_conflict_do_nothing(index_elements=["email"]).returning(accounts.c.id)
_CHANGE_ACCESS = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(version=accounts.c.version + 1, access_version=accounts.c.access_version + 1, updated_at=bindparam("now"))
    .returning(accounts.c.version, accounts.c.access_version)
)


async def open_account(
    uow: UnitOfWork, kind: Literal["customer", "staff"], account_id: UUID | None = None, **person: str
) -> UUID:
    """A new account at version 1, under `account_id` if it is given.

    Of two at once for one address the second raises `EmailExists`.
    """
    times = {"created_at": uow.now, "updated_at": uow.now}
    values = {"id": account_id or new_id(), "kind": kind, "version": 1, **times, **person}
    opened: UUID | None = await uow.scalar(_OPEN, values)
    if opened is None:
        raise EmailExists()
    return opened


async def change_access(uow: UnitOfWork, account_id: UUID, reason: str) -> None:
    """Ends all sessions of an account; `reason` is for the log."""
    changed = await uow.fetch_one(_CHANGE_ACCESS, {"account": account_id, "now": uow.now})
    assert changed is not None
    await end_sessions(uow, account_id, changed.version, changed.access_version, reason)


def customer_state(row: Row[Any]) -> CustomerState:
    """A customer's row as it is published."""
    return CustomerState(
        id=row.id,
        version=row.version,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        phone=row.phone,
        email_verified=row.email_verified_at is not None,
        email_notifications=row.email_notifications,
        sms_notifications=row.sms_notifications,
        preferred_pickup_time=row.preferred_pickup_time,
        created_at=row.created_at,
    )


def staff_state(row: Row[Any]) -> StaffState:
    """A staff member's row as it is published."""
    return StaffState(
        id=row.id,
        version=row.version,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        role=row.role,
        is_active=row.is_active,
    )
