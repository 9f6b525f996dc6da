from datetime import timedelta
from typing import Any

from catalog.adapters.tables import catalog_head, catalog_versions
from catalog.current import STALE_AFTER
from catalog.service import SERVICE
from shared.db.migrations import migrate
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running
from shared.testing.waiting import wait_until_async
from sqlalchemy import text, update

SERVICES = "/api/bookings/services/"


async def status_of(service: RunningService) -> int:
    async with service.as_caller() as client:
        return (await client.get(SERVICES)).status_code


async def test_before_there_is_a_schema_the_answer_is_503_and_later_it_comes_by_itself(
    database_factory: DatabaseFactory,
) -> None:
    def unmigrated(name: str, _: object) -> str:
        return database_factory(f"{name}_without_schema", lambda url: None)

    async with running(SERVICE, unmigrated) as service:
        assert await status_of(service) == 503
        migrate(service.database.url, SERVICE.migrations)

        async def is_there() -> bool:
            return await status_of(service) == 200

        await wait_until_async(is_there, what="the catalogue")


async def write(service: RunningService, *statements: Any) -> None:
    async with service.database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)


async def until_a_look_failed(service: RunningService) -> None:
    (current,) = service.parts.resources

    async def has_failed() -> bool:
        return current._failures > 0  # type: ignore[attr-defined]

    await wait_until_async(has_failed, what="a failed look")


async def test_a_version_that_can_not_be_read_does_not_end_the_looking(service: RunningService) -> None:
    known = (await service.database.fetch_all(catalog_versions.select()))[0].snapshot
    unreadable = {"version": 2, "snapshot": {}, "published_at": service.platform.clock(), "reason": ""}
    await write(service, catalog_versions.insert().values(**unreadable), update(catalog_head).values(version=2))
    await until_a_look_failed(service)
    repaired = {**known, "version": 2}
    await write(service, update(catalog_versions).where(catalog_versions.c.version == 2).values(snapshot=repaired))

    async def is_live() -> bool:
        async with service.as_caller() as client:
            return bool((await client.get(SERVICES)).json()["catalog_version"] == 2)

    await wait_until_async(is_live, what="the repaired version")


async def test_a_process_with_old_prices_is_not_ready(database_factory: DatabaseFactory) -> None:
    clock = MovableClock()
    async with running(SERVICE, database_factory, clock) as service, service.as_caller() as client:

        async def is_ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await wait_until_async(is_ready, what="the process to be ready")
        await write(service, text("ALTER TABLE catalog_head RENAME TO away"))
        await until_a_look_failed(service)
        clock.now += STALE_AFTER + timedelta(seconds=1)
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]["catalogue"]) == (503, "StaleCatalog")


async def test_while_the_database_is_away_the_last_catalogue_is_served(service: RunningService) -> None:
    await write(service, text("ALTER TABLE catalog_head RENAME TO away"))
    await until_a_look_failed(service)
    assert await status_of(service) == 200
