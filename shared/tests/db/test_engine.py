"""A database that restarts costs no request more than it must."""

import asyncio
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from shared.db.engine import Database
from shared.testing.waiting import wait_until
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

WHO = text("SELECT pg_backend_pid()")
DIES_THE_FIRST_TIME = text("SELECT CASE WHEN nextval('tries') = 1 THEN pg_terminate_backend(pg_backend_pid()) END")


def _create_schema(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE tries")


@pytest.fixture
async def database(database_factory: Callable[..., str]) -> AsyncIterator[Database]:
    database = Database(database_factory("engine", _create_schema), pool_size=3)
    yield database
    await database.close()


async def fill_pool(database: Database) -> set[int]:
    """Opens all connections of the pool; gives their backends."""

    async def hold() -> int:
        async with database.reading() as connection:
            pid = await connection.scalar(WHO)
            await all_open.wait()
            return int(pid)

    all_open = asyncio.Barrier(3)
    return set(await asyncio.gather(hold(), hold(), hold()))


def end_backends(database: Database) -> None:
    """As a restart of the server does."""
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(database.url, autocommit=True) as connection:
        wait_until(lambda: connection.execute(others).fetchall() == [], what="the end of all sessions")


async def test_connections_that_the_server_closed_while_idle_are_replaced_unseen(database: Database) -> None:
    before = await fill_pool(database)
    assert len(before) == 3
    end_backends(database)
    async with database.transaction() as connection:
        assert await connection.scalar(WHO) not in before
    assert not before & await fill_pool(database)


async def test_connections_that_live_are_used_again(database: Database) -> None:
    before = await fill_pool(database)
    assert await fill_pool(database) == before


async def test_a_read_whose_connection_dies_on_the_way_is_tried_once_more(database: Database) -> None:
    assert await database.fetch_one(DIES_THE_FIRST_TIME) is not None
    row = await database.fetch_one(text("SELECT last_value FROM tries"))
    assert row is not None
    assert row[0] == 2


async def test_a_read_that_always_kills_its_connection_is_given_up(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.fetch_one(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await database.fetch_one(WHO) is not None


async def test_a_change_whose_connection_dies_on_the_way_is_not_repeated(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.transaction() as connection:
            await connection.execute(DIES_THE_FIRST_TIME)
    row = await database.fetch_one(text("SELECT last_value FROM tries"))
    assert row is not None
    assert row[0] == 1


async def test_a_refused_statement_shows_no_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        await database.fetch_one(text("SELECT CAST(:value AS integer)"), {"value": 10**30})
    assert "1000000000" not in str(caught.value)


async def test_reads_that_are_cancelled_give_their_connections_back(database: Database) -> None:
    for _ in range(4):
        reads = [asyncio.create_task(database.fetch_one(text("SELECT pg_sleep(2)"))) for _ in range(6)]
        await asyncio.wait(reads, timeout=0.1)
        for _ in range(2):
            for read in reads:
                read.cancel()
            await asyncio.sleep(0)
        await asyncio.wait(reads)
    assert database.connections_in_use() == 0
    assert len(await fill_pool(database)) == 3


async def test_who_stops_waiting_for_a_new_connection_leaves_none_half_open() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://nobody:nothing@127.0.0.1:{port}/nowhere", pool_size=1)
    read = asyncio.create_task(database.fetch_one(WHO))
    await asked.wait()
    read.cancel()
    await asyncio.wait([read])
    await asyncio.wait_for(gone.wait(), 30)
    assert read.cancelled()  # whoever keeps the task keeps no connection
    server.close()
