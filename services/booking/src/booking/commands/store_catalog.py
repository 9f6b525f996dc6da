"""A version of the catalogue was published."""

from dataclasses import dataclass

from shared.contracts.catalog import CatalogSnapshot
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.catalog_copy import STORE_VERSION


@dataclass(frozen=True, slots=True)
class StoreCatalog:
    """Keep this version."""

    snapshot: CatalogSnapshot


async def store_catalog(command: StoreCatalog, uow: UnitOfWork) -> None:
    """Versions never change, so one that is known already is left alone; the newest one makes the prices."""
    snapshot = command.snapshot
    await uow.execute(STORE_VERSION, {"version": snapshot.version, "snapshot": snapshot.model_dump(mode="json")})
