"""Staff change something in the catalogue, such as a price, or take it out of use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound
from shared.http.identity import Caller

from catalog.adapters import repository
from catalog.commands.add_entity import refuse_unknown_zone
from catalog.commands.history import Change, changed_fields, record_change
from catalog.commands.publish_catalog import publish_catalog
from catalog.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class ChangeEntity:
    """`changes` holds only the fields that change; prices in cents. `is_active` false takes it out of use."""

    kind: Kind
    entity_id: UUID
    changes: Mapping[str, Any]
    by: Caller


async def change_entity(command: ChangeEntity, uow: UnitOfWork) -> dict[str, Any]:
    """Changes it and publishes the next version; the row as it is now, with its `catalog_version`.

    Raises `NotFound`, `Invalid`, and what `publish_catalog` raises. Bookings already made keep the version that they
    were priced with.
    """
    kind, entity_id = command.kind, command.entity_id
    version = await repository.raise_version(uow)
    before = await repository.get_entity(uow, kind.contract, entity_id)
    if before is None:
        raise NotFound(f"There is no such {kind.noun}.")
    changes = _allowed(kind, before, command.changes)
    entity = kind.contract.model_validate(before | changes)
    kind.check(entity)
    await refuse_unknown_zone(uow, entity)
    if kind.one_active and changes.get("is_active"):
        await repository.deactivate_others(uow, kind.contract, entity_id)
    if "position" in changes:
        changes["position"] = await repository.arrange_zones(uow, entity_id, changes["position"])
    after = await repository.change_entity(uow, kind.contract, entity_id, changes)
    sentence = f"{kind.label(after)}: {changed_fields(before, after)}"
    change = Change(kind.path, _action(before, after), sentence, version, entity_id, before, after)
    await record_change(uow, change, command.by)
    await publish_catalog(uow, version, sentence, command.by.id)
    return {**after, "catalog_version": version}


def _allowed(kind: Kind, before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    fixed = {name for name in kind.identity if name in changes}
    errors = {name: ["This can't be changed."] for name in fixed if changes[name] != before[name]}
    if errors:
        raise Invalid(errors)
    return {name: value for name, value in changes.items() if name not in fixed}


def _action(before: Mapping[str, Any], after: Mapping[str, Any]) -> Any:
    return "deactivated" if before["is_active"] and not after["is_active"] else "changed"
