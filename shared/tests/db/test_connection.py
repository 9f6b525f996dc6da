"""What belongs together goes out together, and fails together."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from shared.db import pool
from shared.db.engine import Connection, Database
from shared.db.sight import noting_round_trips
from shared.db.wire import PREPARED_FROM
from shared.testing.waiting import wait_until
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InvalidRequestError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

TAKE = text("INSERT INTO slots VALUES (:number, :holder)")
FREE = text("DELETE FROM slots WHERE number = :number")
COUNT = text("SELECT count(*) FROM slots")
WHO = text("SELECT pg_backend_pid()")
WHAT_IS_PREPARED = text("SELECT statement FROM pg_prepared_statements")


async def taken(things: Database) -> int:
    row = await things.fetch_one(COUNT)
    return int(row[0]) if row else 0


def take(connection: Connection, *numbers: int) -> None:
    for number in numbers:
        connection.send(TAKE, {"number": number, "holder": "Ada"})


async def test_what_nobody_waits_for_goes_out_with_what_somebody_does(things: Database) -> None:
    with noting_round_trips() as trips:
        async with things.transaction() as connection:
            take(connection, 1, 2)
            assert await connection.scalar(COUNT) == 2
            take(connection, 3)
    assert [[sql.split()[0] for sql in trip] for trip in trips] == [
        ["BEGIN", "INSERT", "INSERT", "SELECT"],
        ["INSERT", "COMMIT"],
    ]
    assert await taken(things) == 3


async def test_a_transaction_in_which_nothing_happens_asks_nothing(things: Database) -> None:
    with noting_round_trips() as trips:
        async with things.transaction():
            pass
    assert trips == []


async def test_the_first_that_fails_is_to_blame_and_nothing_is_done(things: Database) -> None:
    async def fail_twice() -> None:
        async with things.transaction() as connection:
            take(connection, 1, 1, 2)
            await connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(IntegrityError) as caught:
        await fail_twice()
    assert isinstance(caught.value.orig, UniqueViolation)
    assert await taken(things) == 0


async def test_a_failure_that_goes_out_with_the_commit_undoes_all(things: Database) -> None:
    async def take_twice() -> None:
        async with things.transaction() as connection:
            take(connection, 1, 2, 2)

    with pytest.raises(IntegrityError):
        await take_twice()
    assert await taken(things) == 0


async def test_a_failure_that_was_overlooked_can_not_be_committed(things: Database) -> None:
    async def overlook() -> None:
        async with things.transaction() as connection:
            take(connection, 1)
            with suppress(DBAPIError):
                await connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(InvalidRequestError):
        await overlook()
    assert await taken(things) == 0


async def test_statements_survive_packets_that_failed_before_they_were_prepared(things: Database) -> None:
    async def fail_early() -> None:
        async with things.transaction() as connection:
            take(connection, 1, 1)
            connection.send(FREE, {"number": 1})

    for _ in range(2 * PREPARED_FROM):
        with pytest.raises(IntegrityError):
            await fail_early()
    async with things.transaction() as connection:
        take(connection, 1, 2)
        connection.send(FREE, {"number": 1})
    assert await taken(things) == 1


async def test_what_is_used_again_and_again_is_prepared(things: Database) -> None:
    async with things.reading() as connection:
        for _ in range(PREPARED_FROM - 1):
            await connection.fetch_one(COUNT)
        assert str(COUNT) not in {row.statement for row in await connection.fetch_all(WHAT_IS_PREPARED)}
        await connection.fetch_one(COUNT)
        assert str(COUNT) in {row.statement for row in await connection.fetch_all(WHAT_IS_PREPARED)}


async def test_outside_of_transactions_a_failure_harms_nobody(things: Database) -> None:
    async with things.reading() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT 1 / 0"))
        assert await connection.scalar(COUNT) == 0


async def test_a_value_that_can_not_travel_costs_no_connection(things: Database) -> None:
    async def take_for_nul() -> None:
        async with things.transaction() as connection:
            pids.append(await connection.scalar(WHO))
            take(connection, 1)
            await connection.execute(TAKE, {"number": 2, "holder": "\0"})

    pids: list[int] = []
    for _ in range(3):
        with pytest.raises(DataError):
            await take_for_nul()
    assert (len(set(pids)), await taken(things)) == (1, 0)


async def test_a_packet_that_is_cancelled_leaves_its_connection_in_order(things: Database) -> None:
    async def slow() -> None:
        async with things.transaction() as connection:
            take(connection, 1)
            await connection.execute(text("SELECT pg_sleep(2)"))

    before = things.connections_in_use()
    for _ in range(3):
        task = asyncio.create_task(slow())
        await asyncio.wait([task], timeout=0.1)
        task.cancel()
        await asyncio.wait([task])
    assert (things.connections_in_use(), await taken(things)) == (before, 0)


async def test_a_lost_connection_is_told_as_one_and_replaced(things: Database) -> None:
    async def lose() -> None:
        async with things.transaction() as connection:
            take(connection, 1)
            end = text("SELECT pg_terminate_backend(:pid, 5000)")
            await things.fetch_one(end, {"pid": await connection.scalar(WHO)})
            await connection.execute(COUNT)

    with pytest.raises(OperationalError) as caught:
        await lose()
    assert caught.value.connection_invalidated
    assert (await taken(things), things.connections_in_use()) == (0, 0)


async def test_who_finds_all_connections_in_use_is_told_so_in_time(
    things: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "TIMEOUT_SECONDS", 0.05)
    async with things.reading(), things.reading():
        with pytest.raises(PoolTimeout):
            await taken(things)
    assert await taken(things) == 0


async def test_who_waits_gets_the_next_connection_that_comes_back(things: Database) -> None:
    async with things.reading():
        async with things.reading() as second:
            pid = await second.scalar(WHO)
            waiting = asyncio.create_task(things.fetch_one(WHO))
            await asyncio.sleep(0)
        row = await waiting
    assert row is not None
    assert row[0] == pid


async def test_a_closed_pool_keeps_no_connection_that_comes_back(database_factory: Callable[..., str]) -> None:
    database = Database(database_factory("empty", lambda _: None))
    async with database.reading() as connection:
        pid = await connection.scalar(WHO)
        await database.close()
    with psycopg.connect(database.url, autocommit=True) as other:
        left = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: other.execute(left, (pid,)).fetchone() is None, what="the end of the connection")
    assert database.connections_in_use() == 0


async def test_a_server_that_is_not_there_costs_no_place_in_the_pool() -> None:
    nowhere = Database("postgresql://nobody:none@127.0.0.1:1/none", pool_size=1)
    for _ in range(3):
        with pytest.raises(OperationalError):
            await nowhere.fetch_one(COUNT)
    assert nowhere.connections_in_use() == 0


async def test_a_plan_can_be_asked_for(things: Database) -> None:
    async with things.reading() as connection:
        assert "slots" in await connection.plan_of(FREE, {"number": 1})


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
async def test_a_transaction_whose_first_packet_could_not_leave_never_goes_on_without_its_beginning(
    things: Database, value: str
) -> None:
    async def go_on() -> None:
        async with things.transaction() as connection:
            take(connection, 1)
            with suppress(DBAPIError, UnicodeEncodeError):
                await connection.execute(TAKE, {"number": 2, "holder": value})
            await connection.execute(TAKE, {"number": 3, "holder": "Ada"})

    with pytest.raises(InvalidRequestError):
        await go_on()
    assert await taken(things) == 0


async def test_a_prepared_statement_outlives_a_change_of_a_columns_type(things: Database) -> None:
    everything = text("SELECT * FROM slots")
    for _ in range(PREPARED_FROM + 1):
        await things.fetch_all(everything)
    await things.fetch_all(text("ALTER TABLE slots ALTER COLUMN holder TYPE varchar(50)"))
    with suppress(DBAPIError):
        await things.fetch_all(everything)
    assert await things.fetch_all(everything) == []
