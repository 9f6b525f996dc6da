"""The audit log: what staff did, here and in the other services. Entries are only ever added."""

from typing import Any

from shared.audit import StaffMember, audit_entry
from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import staff_audit

_APPEND = insert(staff_audit).on_conflict_do_nothing(index_elements=["id"])


async def append_audit(uow: UnitOfWork, entry: AuditRecorded) -> None:
    """Adds an entry; the same entry again changes nothing."""
    values = entry.model_dump(exclude={"entry_id"})
    await uow.execute(_APPEND, {"id": entry.entry_id, **values})


async def log_staff_action(
    uow: UnitOfWork, staff: StaffMember, action_type: str, description: str, **about: Any
) -> None:
    """Adds what `staff` did here; `about` as in `audit_entry`."""
    await append_audit(uow, audit_entry(staff, uow.now, action_type, description, **about))
