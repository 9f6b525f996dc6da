"""The last step of every change of the catalogue: the next version is written and told to everyone."""

from uuid import UUID

from shared.contracts.catalog import CatalogPublished
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.envelope import EventTooLarge

from catalog.adapters import repository
from catalog.domain.wholeness import CatalogTooLarge, check_whole


async def publish_catalog(uow: UnitOfWork, version: int, reason: str, changed_by: UUID | None = None) -> None:
    """Publishes the tables as they are now as `version`, in the transaction of the change.

    The change must have taken `version` from `repository.raise_version` before it changed anything: that lock makes
    each snapshot hold all changes of the versions before it. `changed_by` is null for the system itself. Raises what
    `check_whole` and `build_snapshot` raise for a catalogue that could not price every booking, and `CatalogTooLarge`.
    """
    snapshot = await repository.build_snapshot(uow, version)
    check_whole(snapshot)
    await repository.add_version(uow, snapshot, changed_by, reason)
    try:
        uow.record(CatalogPublished(catalog=snapshot), version)
    except EventTooLarge:
        raise CatalogTooLarge() from None
