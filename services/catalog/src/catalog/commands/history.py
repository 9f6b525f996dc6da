"""Every change of the catalogue leaves two traces in its own transaction: the catalogue's history and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id
from sqlalchemy import insert

from catalog.adapters.tables import catalog_changes

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed: the entity before (null when it is new) and after; discount codes have no catalogue version."""

    entity_type: str
    action: Literal["loaded", "created", "changed", "deactivated"]
    description: str
    catalog_version: int | None = None
    entity_id: UUID | None = None
    before: Row | None = None
    after: Row | None = None


async def record_change(uow: UnitOfWork, change: Change, by: Caller | None = None) -> None:
    """Keeps the change in the history and, when somebody of the staff made it, in the audit log."""
    before = _as_json(change.before) if change.before is not None else None
    after = _as_json(change.after) if change.after is not None else None
    row = {
        "id": new_id(),
        "catalog_version": change.catalog_version,
        "entity_type": change.entity_type,
        "entity_id": change.entity_id,
        "action": change.action,
        "description": change.description,
        "before": before,
        "after": after,
        "changed_by": by.id if by else None,
        "changed_at": uow.now,
    }
    await uow.execute(insert(catalog_changes).values(**row))
    if by is not None:
        staff, states = member_of(by), {"before": before, "after": after or {}}
        record_staff_action(uow, staff, "catalog_updated", change.description, **states)


def changed_fields(before: Row, after: Row) -> str:
    """The fields that differ, in words."""
    names = sorted(name for name, value in after.items() if value != before.get(name) and name != "updated_at")
    return f"{', '.join(names) or 'nothing'} changed"


def _as_json(row: Row) -> dict[str, Any]:
    """A row as JSON knows it: ids and times as text."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(dict(row), default=str, option=orjson.OPT_UTC_Z))
    return plain
