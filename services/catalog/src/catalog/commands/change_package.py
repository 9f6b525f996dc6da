"""Staff change a mini move package, such as its price."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.catalog import MiniMovePackage
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from shared.http.identity import Caller

from catalog.adapters import repository
from catalog.commands.audit import catalog_change
from catalog.commands.publish_catalog import publish_catalog


@dataclass(frozen=True, slots=True)
class ChangePackage:
    """`changes` holds only the fields that change; prices in cents."""

    package_id: UUID
    changes: Mapping[str, Any]
    by: Caller


async def change_package(command: ChangePackage, uow: UnitOfWork) -> dict[str, Any]:
    """Changes the package and publishes the next version; the package as it is now, with its `catalog_version`.

    Raises `NotFound`. Bookings already made keep the version that they were priced with.
    """
    version = await repository.raise_version(uow)
    before = await repository.get_entity(uow, MiniMovePackage, command.package_id)
    if before is None:
        raise NotFound("There is no such package.")
    after = await repository.change_entity(uow, MiniMovePackage, command.package_id, command.changes)
    reason = f"Package {after['name']}: {', '.join(sorted(command.changes)) or 'nothing'} changed"
    uow.record(catalog_change(command.by, uow.now, reason, before, after), 1)
    await publish_catalog(uow, version, reason, command.by.id)
    return {**after, "catalog_version": version}
