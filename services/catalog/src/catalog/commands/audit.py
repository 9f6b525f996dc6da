"""Tells the audit log who changed the catalogue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from shared.contracts.customers import AuditRecorded
from shared.http.identity import Caller
from shared.ids import new_id


def catalog_change(
    by: Caller, now: datetime, description: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> AuditRecorded:
    """The audit entry of a change, with the entity before (null when it is new) and after."""
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=by.require_staff(),
        action_type="catalog_updated",
        description=description,
        ip_address=by.ip,
        user_agent=by.ua,
        happened_at=now,
        before=as_json(before) if before is not None else None,
        after=as_json(after),
    )


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON knows it: ids and times as text."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(dict(row), default=str))
    return plain
