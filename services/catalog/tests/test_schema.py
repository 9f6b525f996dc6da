import pytest
from catalog.adapters.tables import metadata, mini_move_packages, surcharge_rules
from shared.db.migrations import drift
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError


async def test_the_migrations_make_the_tables_of_the_code(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


@pytest.mark.parametrize("price", [-1, 100_000_000])
async def test_the_database_refuses_impossible_prices(service: RunningService, price: int) -> None:
    with pytest.raises(IntegrityError, match="base_price_cents"):
        async with service.database.transaction() as connection:
            await connection.execute(update(mini_move_packages).values(base_price_cents=price))


async def test_the_database_refuses_a_wrong_mix_of_a_surcharge_rule(service: RunningService) -> None:
    rule = (await service.database.fetch_all(select(surcharge_rules)))[0]
    with pytest.raises(IntegrityError, match="applies_when"):
        await service.put(surcharge_rules, **{**rule._mapping, "id": new_id(), "zone": "core"})
