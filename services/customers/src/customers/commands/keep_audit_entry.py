"""An entry for the staff audit log, from another service or from this one."""

from dataclasses import dataclass

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork

from customers.adapters.audit_log import append_audit


@dataclass(frozen=True, slots=True)
class KeepAuditEntry:
    """The entry as it is to be kept."""

    entry: AuditRecorded


async def keep_audit_entry(command: KeepAuditEntry, uow: UnitOfWork) -> None:
    """Keeps it; the same entry again changes nothing."""
    await append_audit(uow, command.entry)
