"""Staff add something to the catalogue, such as a surcharge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.base import Contract
from shared.contracts.catalog import ServiceZone, SurchargeRule
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from sqlalchemy import bindparam, select

from catalog.adapters import repository
from catalog.adapters.tables import catalog_changes
from catalog.commands.history import Change, record_change
from catalog.commands.publish_catalog import publish_catalog
from catalog.domain.kinds import Kind

_ADDED_IN = select(catalog_changes.c.catalog_version).where(
    catalog_changes.c.entity_id == bindparam("added_id"), catalog_changes.c.action == "created"
)


@dataclass(frozen=True, slots=True)
class AddEntity:
    """`fields` are those of the kind's contract without its id; zones may have a `position`. `key` is the request's."""

    kind: Kind
    fields: Mapping[str, Any]
    by: Caller
    is_active: bool = True
    key: IdempotencyKey | None = None


async def add_entity(command: AddEntity, uow: UnitOfWork) -> dict[str, Any]:
    """Adds it and publishes the next version; the new row with its `catalog_version`.

    Raises `Invalid`, and what `claim` and `publish_catalog` raise. A second standard delivery takes the place of the
    first.
    """
    kind, attempt = command.kind, new_id()
    entity_id = await claim(uow, command.key, attempt)
    if entity_id != attempt:
        return await _added_before(uow, kind, entity_id)
    version = await repository.raise_version(uow)
    await refuse_twins(uow, kind, command.fields)
    fields = {name: value for name, value in command.fields.items() if name != "position"}
    entity = kind.contract.model_validate({"id": entity_id, **fields})
    kind.check(entity)
    await refuse_unknown_zone(uow, entity)
    if kind.one_active and command.is_active:
        await repository.deactivate_others(uow, kind.contract, None)
    more = await _place(uow, kind, entity_id, command.fields.get("position"))
    row = await repository.add_entity(uow, entity, is_active=command.is_active, **more)
    sentence = f"{kind.label(row)} added"
    change = Change(kind.path, "created", sentence, version, entity_id, after=row)
    await record_change(uow, change, command.by)
    await publish_catalog(uow, version, sentence, command.by.id)
    return {**row, "catalog_version": version}


async def _added_before(uow: UnitOfWork, kind: Kind, entity_id: UUID) -> dict[str, Any]:
    row = await repository.get_entity(uow, kind.contract, entity_id)
    assert row is not None, "a key is claimed together with what it adds"
    return {**row, "catalog_version": await uow.scalar(_ADDED_IN, {"added_id": entity_id})}


async def refuse_twins(uow: UnitOfWork, kind: Kind, fields: Mapping[str, Any], entity_id: UUID | None = None) -> None:
    """Raises `Invalid` if another entity has what only one may have. The catalogue's lock keeps this true."""
    for names in kind.unique:
        wanted = {name: fields[name] for name in names}
        if await repository.find_twin(uow, kind.contract, wanted, entity_id):
            raise Invalid({names[0]: [f"There is a {kind.noun} like this already."]})


async def refuse_unknown_zone(uow: UnitOfWork, entity: Contract) -> None:
    """Raises `Invalid` for a surcharge in a zone that is not there. The catalogue's lock keeps this true."""
    wanted = {"code": entity.zone} if isinstance(entity, SurchargeRule) and entity.zone else None
    if wanted and await repository.find_twin(uow, ServiceZone, wanted) is None:
        raise Invalid({"zone": ["There is no such zone."]})


async def _place(uow: UnitOfWork, kind: Kind, entity_id: UUID, position: int | None) -> dict[str, int]:
    return {"position": await repository.arrange_zones(uow, entity_id, position)} if kind.ordered else {}
