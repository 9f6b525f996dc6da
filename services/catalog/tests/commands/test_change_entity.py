import asyncio

import pytest
from catalog.adapters.tables import catalog_versions, mini_move_packages
from catalog.commands.change_entity import ChangeEntity
from catalog.domain.kinds import PACKAGE
from shared.contracts.catalog import CatalogPublished
from shared.contracts.customers import AuditRecorded
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.service import RunningService, a_staff_member
from sqlalchemy import select

SAM = a_staff_member("manage_catalog")


async def package_id(service: RunningService, package_type: str) -> object:
    statement = select(mini_move_packages.c.id).where(mini_move_packages.c.package_type == package_type)
    row = await service.database.fetch_one(statement)
    assert row is not None
    return row.id


async def test_a_new_price_is_published_as_the_next_version(service: RunningService) -> None:
    petite = await package_id(service, "petite")
    changed = await service.commands.execute(ChangeEntity(PACKAGE, petite, {"base_price_cents": 105000}, SAM))
    assert (changed["base_price_cents"], changed["catalog_version"]) == (105000, 2)
    first, second = await service.events(CatalogPublished)
    assert [event.catalog.version for event in (first, second)] == [1, 2]
    assert second.catalog.mini_move_packages[0].base_price_cents == 105000
    assert second.catalog.organizing_services == first.catalog.organizing_services


async def test_a_change_is_audited_with_before_and_after(service: RunningService) -> None:
    petite = await package_id(service, "petite")
    await service.commands.execute(ChangeEntity(PACKAGE, petite, {"base_price_cents": 105000}, SAM))
    (entry,) = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.staff_id, entry.action_type, entry.ip_address) == (SAM.id, "catalog_updated", SAM.ip)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["base_price_cents"], entry.after["base_price_cents"]) == (99500, 105000)


async def test_versions_remember_who_changed_what(service: RunningService) -> None:
    petite = await package_id(service, "petite")
    await service.commands.execute(ChangeEntity(PACKAGE, petite, {"base_price_cents": 105000}, SAM))
    rows = await service.database.fetch_all(select(catalog_versions).order_by(catalog_versions.c.version))
    assert [(row.version, row.changed_by) for row in rows] == [(1, None), (2, SAM.id)]
    assert rows[1].reason == "Package Petite: base_price_cents changed"


async def test_an_inactive_package_is_no_longer_published(service: RunningService) -> None:
    await service.commands.execute(ChangeEntity(PACKAGE, await package_id(service, "full"), {"is_active": False}, SAM))
    newest = (await service.events(CatalogPublished))[-1]
    assert isinstance(newest, CatalogPublished)
    assert [package.package_type for package in newest.catalog.mini_move_packages] == ["petite", "standard"]


async def test_changes_at_once_make_one_version_each_and_the_last_holds_all(service: RunningService) -> None:
    ids = [await package_id(service, name) for name in ("petite", "standard", "full")]
    changes = [ChangeEntity(PACKAGE, id, {"base_price_cents": 1000 + n}, SAM) for n, id in enumerate(ids * 4)]
    await asyncio.gather(*(service.commands.execute(change) for change in changes))
    published = [event for event in await service.events(CatalogPublished) if isinstance(event, CatalogPublished)]
    assert [event.catalog.version for event in published] == list(range(1, 14))
    rows = await service.database.fetch_all(select(mini_move_packages.c.id, mini_move_packages.c.base_price_cents))
    newest = {package.id: package.base_price_cents for package in published[-1].catalog.mini_move_packages}
    assert newest == {row.id: row.base_price_cents for row in rows}


async def test_an_unknown_package_is_refused_and_leaves_no_version(service: RunningService) -> None:
    with pytest.raises(NotFound):
        await service.commands.execute(ChangeEntity(PACKAGE, new_id(), {"base_price_cents": 1}, SAM))
    assert len(await service.events()) == 1
