"""Staff word a message anew, or go back to ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict
from shared.http.identity import Caller
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.tables import templates
from notifications.domain.kinds import Kind

_CURRENT = (
    select(templates.c.version, templates.c.parts)
    .where(templates.c.kind == bindparam("kind"))
    .order_by(templates.c.version.desc())
    .limit(1)
)
_ADD = insert(templates).on_conflict_do_nothing().returning(templates.c.version)


class StaleTemplate(Conflict):
    """Somebody else was faster."""

    code = "stale_version"
    message = "The template was changed meanwhile. Please look at it again."


@dataclass(frozen=True, slots=True)
class ChangeTemplate:
    """The parts that are worded anew, checked before; none brings back ours. `version` is the one that was seen, null
    for whichever there is.
    """

    kind: Kind
    parts: Mapping[str, str]
    version: int | None
    by: Caller


async def change_template(command: ChangeTemplate, uow: UnitOfWork) -> int:
    """Adds a version and returns its number; raises `StaleTemplate`."""
    current = await uow.fetch_one(_CURRENT, {"kind": command.kind.value})
    version, before = (current.version, current.parts) if current else (0, {})
    if command.version is not None and command.version != version:
        raise StaleTemplate(version=version)
    added = {
        "kind": command.kind.value,
        "version": version + 1,
        "parts": dict(command.parts),
        "changed_by": command.by.require_staff(),
        "changed_at": uow.now,
    }
    if await uow.fetch_one(_ADD, added) is None:
        raise StaleTemplate(version=version + 1)
    what = f"Changed the template {command.kind}." if command.parts else f"Reset the template {command.kind}."
    was, now = _names(version, before), _names(version + 1, command.parts)
    record_staff_action(uow, member_of(command.by), "catalog_updated", what, before=was, after=now)
    return version + 1


def _names(version: int, parts: Mapping[str, str]) -> dict[str, object]:
    """What the audit log shows; the wording itself stays with the versions here."""
    return {"version": version, "parts": sorted(parts)}
