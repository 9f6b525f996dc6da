"""Fills an empty catalogue from a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.contracts.base import Contract
from shared.contracts.catalog import (
    MiniMovePackage,
    OrganizingService,
    Policies,
    ServiceZone,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid
from shared.ids import new_id
from sqlalchemy import select

from catalog.adapters import repository
from catalog.adapters.tables import catalog_head
from catalog.commands.history import Change, record_change
from catalog.commands.publish_catalog import publish_catalog
from catalog.domain.surcharge_rules import check_rule

C = TypeVar("C", bound=Contract)

_LOCK_HEAD = select(catalog_head.c.version).with_for_update()

LISTS: dict[str, type[Contract]] = {
    "mini_move_packages": MiniMovePackage,
    "organizing_services": OrganizingService,
    "specialty_items": SpecialtyItem,
    "service_zones": ServiceZone,
    "surcharge_rules": SurchargeRule,
}
"""The lists of a catalogue file, in an order in which zones come before the rules that name them."""


@dataclass(frozen=True, slots=True)
class LoadCatalog:
    """`content` is a catalogue file: the lists of entities without ids, `standard_delivery` and `policies`."""

    content: Mapping[str, Any]


async def load_catalog(command: LoadCatalog, uow: UnitOfWork) -> bool:
    """Loads the file and publishes version 1; false, and nothing happens, when there is a catalogue already.

    Raises `Invalid` or pydantic's `ValidationError` for a wrong file.
    """
    if await uow.scalar(_LOCK_HEAD):
        return False
    version = await repository.raise_version(uow)
    for name, kind in LISTS.items():
        for position, fields in enumerate(command.content[name]):
            await _add(uow, _entity(kind, fields, f"{name}.{position}"), position)
    await _add(uow, _entity(StandardDeliveryConfig, command.content["standard_delivery"], "standard_delivery"))
    await repository.set_policies(uow, Policies.model_validate(command.content["policies"]))
    await publish_catalog(uow, version, "First data")
    await record_change(uow, Change("catalogue", "loaded", "First data", version))
    return True


def _entity(kind: type[C], fields: Mapping[str, Any], where: str) -> C:
    if unknown := set(fields) - set(kind.model_fields):
        raise Invalid({f"{where}.{name}": ["This field is not known."] for name in unknown})
    return kind.model_validate({"id": new_id(), **fields})


async def _add(uow: UnitOfWork, entity: Contract, position: int = 0) -> None:
    if isinstance(entity, SurchargeRule):
        check_rule(entity)
    more = {"position": position} if isinstance(entity, ServiceZone) else {}
    await repository.add_entity(uow, entity, **more)
