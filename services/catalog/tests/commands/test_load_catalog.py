import asyncio
import copy
from collections.abc import AsyncIterator

import pytest
from catalog.adapters.tables import catalog_versions, mini_move_packages
from catalog.commands.load_catalog import LoadCatalog
from catalog.first_data import first_data
from catalog.service import SERVICE
from shared.contracts.catalog import CatalogPublished
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.errors import Invalid
from shared.service import Platform
from shared.testing.patience import patient
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService
from sqlalchemy import func, select


async def count(database: Database, table: object) -> int:
    row = await database.fetch_one(select(func.count()).select_from(table))  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


@pytest.fixture
async def platform(database_factory: DatabaseFactory) -> AsyncIterator[Platform]:
    url = database_factory("catalog", lambda template: migrate(template, SERVICE.migrations) and None)
    platform = SERVICE.platform(SERVICE.settings(debug=True, database_url=url))
    with patient():
        yield platform
        await platform.database.close()


async def test_an_empty_catalogue_is_filled_at_the_start_as_version_1(service: RunningService) -> None:
    (event,) = await service.events(CatalogPublished)
    assert isinstance(event, CatalogPublished)
    assert event.catalog.version == 1
    prices = {package.package_type: package.base_price_cents for package in event.catalog.mini_move_packages}
    assert prices == {"petite": 99500, "standard": 172500, "full": 249000}
    zones = [zone.code for zone in event.catalog.service_zones]
    assert zones == ["ct_nj", "amagansett_montauk", "core", "outside_core"]
    assert event.catalog.policies.time_window_fees_cents["mini_move"] == {"petite": 0, "standard": 17500, "full": 0}


async def test_everything_of_the_first_data_is_in_the_snapshot(service: RunningService) -> None:
    (event,) = await service.events(CatalogPublished)
    published, content = event.model_dump(mode="json")["catalog"], first_data()
    for name in ("mini_move_packages", "organizing_services", "specialty_items", "service_zones", "surcharge_rules"):
        assert [entity | given for entity, given in zip(published[name], content[name], strict=True)] == published[name]
    assert published["standard_delivery"] | content["standard_delivery"] == published["standard_delivery"]
    assert published["policies"] == content["policies"]


async def test_loading_again_changes_nothing(service: RunningService) -> None:
    assert await service.commands.execute(LoadCatalog(first_data())) is False
    assert len(await service.events()) == 1


async def test_processes_that_start_together_load_it_once(platform: Platform) -> None:
    commands = SERVICE.compose(platform).commands
    loaded = await asyncio.gather(*(commands.execute(LoadCatalog(first_data())) for _ in range(6)))
    assert sorted(loaded) == [False] * 5 + [True]
    assert await count(platform.database, mini_move_packages) == 3
    assert await count(platform.database, catalog_versions) == 1


async def test_a_file_with_a_wrong_rule_or_an_unknown_field_loads_nothing(platform: Platform) -> None:
    commands = SERVICE.compose(platform).commands
    wrong_rule, unknown_field = copy.deepcopy(first_data()), copy.deepcopy(first_data())
    wrong_rule["surcharge_rules"][1]["zone"] = None
    unknown_field["mini_move_packages"][0]["base_price"] = 1
    for content in (wrong_rule, unknown_field):
        with pytest.raises(Invalid):
            await commands.execute(LoadCatalog(content))
    assert await count(platform.database, mini_move_packages) == 0
