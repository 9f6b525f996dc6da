"""Reads and writes the catalogue's rows."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.base import Contract
from shared.contracts.catalog import (
    CatalogSnapshot,
    MiniMovePackage,
    OrganizingService,
    Policies,
    ServiceZone,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, Unavailable
from sqlalchemy import Row, insert, select, true, update

from catalog.adapters.tables import TABLES, catalog_head, catalog_versions, policies, service_zones

C = TypeVar("C", bound=Contract)

NEWEST_VERSION = select(catalog_head.c.version)
NEWEST_SNAPSHOT = select(catalog_versions.c.snapshot).order_by(catalog_versions.c.version.desc()).limit(1)

_RAISE_VERSION = update(catalog_head).values(version=catalog_head.c.version + 1).returning(catalog_head.c.version)


class NoStandardDelivery(Conflict):
    """A catalogue without a price for standard deliveries can't be published."""

    code = "no_standard_delivery"
    message = "One standard delivery configuration must be active."


class NoCatalogYet(Unavailable):
    """The first data is not loaded yet."""

    message = "The catalogue is not loaded yet."


async def raise_version(uow: UnitOfWork) -> int:
    """The version that this transaction makes; every other change of the catalogue waits until it ends."""
    return int(await uow.scalar(_RAISE_VERSION))


async def add_entity(uow: UnitOfWork, entity: Contract, **more: Any) -> dict[str, Any]:
    """Adds an entity of the catalogue, as active unless `more` says otherwise; the row as it is now."""
    row = {**entity.model_dump(), **more, "created_at": uow.now, "updated_at": uow.now}
    table = TABLES[type(entity)]
    return plain((await uow.execute(insert(table).values(**row).returning(table))).one())


async def find_twin(
    uow: UnitOfWork, kind: type[Contract], fields: Mapping[str, Any], entity_id: UUID | None = None
) -> UUID | None:
    """Another entity of the kind that has the same `fields`."""
    table = TABLES[kind]
    same = [table.c[name] == value for name, value in fields.items()]
    found = await uow.fetch_one(select(table.c.id).where(*same, table.c.id != entity_id if entity_id else true()))
    return found.id if found else None


async def deactivate_others(uow: UnitOfWork, kind: type[Contract], entity_id: UUID | None) -> None:
    """Takes every other entity of a kind, of which only one can be active, out of use."""
    table = TABLES[kind]
    others = update(table).where(table.c.is_active, table.c.id != entity_id if entity_id else true())
    await uow.execute(others.values(is_active=False, updated_at=uow.now))


async def arrange_zones(uow: UnitOfWork, zone_id: UUID, position: int | None) -> int:
    """Puts a zone at `position` (from 0) among the zones, or before the last when null; its position as it is then."""
    rows = await uow.fetch_all(select(service_zones.c.id).order_by(service_zones.c.position))
    others = [row.id for row in rows if row.id != zone_id]
    place = max(0, len(others) - 1) if position is None else min(position, len(others))
    others.insert(place, zone_id)
    for number, known in enumerate(others):
        await uow.execute(update(service_zones).where(service_zones.c.id == known).values(position=number))
    return place


async def get_entity(uow: UnitOfWork, kind: type[Contract], entity_id: UUID) -> dict[str, Any] | None:
    """An entity's row, active or not."""
    table = TABLES[kind]
    row = await uow.fetch_one(select(table).where(table.c.id == entity_id))
    return plain(row) if row else None


async def change_entity(
    uow: UnitOfWork, kind: type[Contract], entity_id: UUID, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Changes the columns named in `changes`; returns the row as it is now."""
    table = TABLES[kind]
    statement = update(table).where(table.c.id == entity_id).values(**changes, updated_at=uow.now).returning(table)
    return plain((await uow.execute(statement)).one())


def plain(row: Row[Any]) -> dict[str, Any]:
    """A row with names that are nothing but text: the driver's own kind of names can't be written as JSON."""
    return {str(name): value for name, value in row._mapping.items()}


async def set_policies(uow: UnitOfWork, settings: Policies) -> None:
    """Writes the first policy settings."""
    await uow.execute(insert(policies).values(id=1, settings=settings.model_dump(mode="json"), updated_at=uow.now))


async def change_policies(uow: UnitOfWork, settings: Policies) -> None:
    """Writes other policy settings in place of those that are there."""
    await uow.execute(update(policies).values(settings=settings.model_dump(mode="json"), updated_at=uow.now))


async def get_policies(uow: UnitOfWork) -> Policies:
    """The policy settings as they are now; raises `NoCatalogYet` before the catalogue is loaded."""
    settings = await uow.scalar(select(policies.c.settings))
    if settings is None:
        raise NoCatalogYet()
    return Policies.model_validate(settings)


async def _active(uow: UnitOfWork, kind: type[C]) -> tuple[C, ...]:
    table = TABLES[kind]
    order = table.c.position if table is service_zones else table.c.id
    rows = await uow.fetch_all(select(table).where(table.c.is_active).order_by(order))
    return tuple(kind.model_validate(dict(row._mapping)) for row in rows)


async def build_snapshot(uow: UnitOfWork, version: int) -> CatalogSnapshot:
    """All that is active now, as it will be published; raises `NoStandardDelivery`."""
    delivery = await _active(uow, StandardDeliveryConfig)
    if not delivery:
        raise NoStandardDelivery()
    return CatalogSnapshot(
        version=version,
        mini_move_packages=await _active(uow, MiniMovePackage),
        organizing_services=await _active(uow, OrganizingService),
        specialty_items=await _active(uow, SpecialtyItem),
        standard_delivery=delivery[0],
        surcharge_rules=await _active(uow, SurchargeRule),
        service_zones=await _active(uow, ServiceZone),
        policies=await get_policies(uow),
    )


async def add_version(uow: UnitOfWork, snapshot: CatalogSnapshot, changed_by: UUID | None, reason: str) -> None:
    """Keeps a published version for ever: bookings name the version that they were priced with."""
    row = {
        "version": snapshot.version,
        "snapshot": snapshot.model_dump(mode="json"),
        "published_at": uow.now,
        "changed_by": changed_by,
        "reason": reason,
    }
    await uow.execute(insert(catalog_versions).values(**row))
