from catalog.service import SERVICE
from shared.db.migrations import migrate
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService, running
from shared.testing.waiting import wait_until_async
from sqlalchemy import text

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


async def test_while_the_database_is_away_the_last_catalogue_is_served(service: RunningService) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE catalog_head RENAME TO away"))
    (current,) = service.parts.resources

    async def has_failed() -> bool:
        return current._failures > 0  # type: ignore[attr-defined]

    await wait_until_async(has_failed, what="a failed poll")
    assert await status_of(service) == 200
