"""Writes that several use cases share."""

from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import AuditRecorded, CustomerState, StaffState
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, bindparam, update
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.sessions import end_sessions
from customers.adapters.staff import Actor
from customers.adapters.tables import accounts, staff_audit
from customers.domain.errors import EmailExists

_OPEN = insert(accounts).on_conflict_do_nothing(index_elements=["email"]).returning(accounts.c.id)
_CHANGE_ACCESS = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(version=accounts.c.version + 1, access_version=accounts.c.access_version + 1, updated_at=bindparam("now"))
    .returning(accounts.c.version, accounts.c.access_version)
)
_APPEND = insert(staff_audit).on_conflict_do_nothing(index_elements=["id"])


async def open_account(uow: UnitOfWork, kind: Literal["customer", "staff"], **person: str) -> UUID:
    """A new account at version 1; of two at once for one address the second raises `EmailExists`."""
    values = {"id": new_id(), "kind": kind, "version": 1, "created_at": uow.now, "updated_at": uow.now, **person}
    account_id: UUID | None = await uow.scalar(_OPEN, values)
    if account_id is None:
        raise EmailExists()
    return account_id


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


def staff_entry(
    uow: UnitOfWork,
    actor: Actor,
    description: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditRecorded:
    """That somebody changed a staff account."""
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=actor.staff_id,
        action_type="staff_updated",
        description=description,
        ip_address=actor.ip_address,
        user_agent=actor.user_agent,
        happened_at=uow.now,
        before=before,
        after=after,
    )


async def append_audit(uow: UnitOfWork, entry: AuditRecorded) -> None:
    """Adds an entry to the audit log; the same entry again changes nothing."""
    values = entry.model_dump(exclude={"entry_id"})
    await uow.execute(_APPEND, {"id": entry.entry_id, **values})


def customer_entry(
    uow: UnitOfWork,
    staff_id: UUID,
    action_type: Literal["customer_viewed", "customer_updated", "customer_notes_updated", "report_generated"],
    description: str,
    customer_id: UUID | None = None,
    **more: Any,
) -> AuditRecorded:
    """What `staff_id` did about customers; `more` holds members of the entry such as the client's address."""
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=staff_id,
        action_type=action_type,
        description=description,
        customer_id=customer_id,
        happened_at=uow.now,
        **more,
    )
