"""The audit of what staff do. The entry leaves with the same transaction as the deed, so there is none without it."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id


def record_audit(
    uow: UnitOfWork,
    by: Caller,
    action: Literal["booking_updated", "customer_updated", "catalog_updated"],
    description: str,
    booking_id: UUID | None = None,
    customer_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Records what `by` did; `description` and the states hold no addresses of people."""
    entry = AuditRecorded(
        entry_id=new_id(),
        staff_id=by.require_staff(),
        action_type=action,
        description=description,
        customer_id=customer_id,
        booking_id=booking_id,
        ip_address=by.ip,
        user_agent=by.ua,
        happened_at=uow.now,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )
    uow.record(entry, 1)
