"""One command is one commit: state and events together, or neither; conflicts of transactions are tried again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from shared.commands import ALREADY_HANDLED, ATTEMPTS, Commands
from shared.contracts.booking import AlertRaised
from shared.db.engine import Database, driver_url
from shared.db.migrations import migrate
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.messaging.consumer import ReceivedFrom
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

Work = Callable[[UnitOfWork], Awaitable[Any]]
ADD = text("UPDATE accounts SET amount = amount + 1 WHERE id = :id")


@dataclass(frozen=True)
class Do:
    """The use case of these tests: whatever a test wants."""

    work: Work


async def do(command: Do, uow: UnitOfWork) -> Any:
    return await command.work(uow)


def _create_schema(url: str) -> None:
    with TemporaryDirectory() as no_migrations:
        migrate(url, Path(no_migrations))
    with create_engine(driver_url(url)).begin() as connection:
        connection.execute(text("CREATE TABLE accounts (id int PRIMARY KEY, amount int NOT NULL)"))
        connection.execute(text("INSERT INTO accounts VALUES (1, 0), (2, 0)"))


@pytest.fixture
async def database(database_factory: Callable[..., str]) -> AsyncIterator[Database]:
    database = Database(database_factory("accounts", _create_schema))
    yield database
    await database.close()


@pytest.fixture
def commands(database: Database) -> Commands:
    return Commands(database, {Do: do})


async def amounts(database: Database) -> list[int]:
    return [row.amount for row in await database.fetch_all(text("SELECT amount FROM accounts ORDER BY id"))]


async def events(database: Database) -> int:
    return len(await database.fetch_all(text("SELECT 1 FROM outbox")))


def an_alert(message: str = "Look.") -> AlertRaised:
    return AlertRaised(alert_id=new_id(), key="k", message=message)


async def add(uow: UnitOfWork, account: int = 1) -> None:
    await uow.execute(ADD, {"id": account})


async def test_a_deadlock_is_found_long_before_waiting_for_its_locks_is_given_up(database: Database) -> None:
    both = text("SELECT CAST(:patience AS interval) > 3 * CAST(current_setting('deadlock_timeout') AS interval)")
    async with database.reading() as connection:
        patience = await connection.scalar(text("SELECT current_setting('lock_timeout')"))
        assert await connection.scalar(both, {"patience": patience})


@pytest.mark.usefixtures("patience")
async def test_two_commands_in_a_deadlock_both_succeed(database: Database, commands: Commands) -> None:
    both_hold_one = asyncio.Barrier(2)
    tries: list[int] = []

    def crosswise(first: int, second: int) -> Work:
        async def work(uow: UnitOfWork) -> None:
            tries.append(first)
            await add(uow, first)
            if len(tries) <= 2:
                await both_hold_one.wait()
            await add(uow, second)

        return work

    await asyncio.gather(commands.execute(Do(crosswise(1, 2))), commands.execute(Do(crosswise(2, 1))))
    assert await amounts(database) == [2, 2]
    assert len(tries) == 3


async def test_a_serialization_failure_is_tried_again_with_fresh_eyes(database: Database, commands: Commands) -> None:
    tries: list[int] = []

    async def work(uow: UnitOfWork) -> None:
        await uow.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tries.append(await uow.scalar(text("SELECT amount FROM accounts WHERE id = 1")))
        if len(tries) == 1:
            await commands.execute(Do(add))
        await add(uow)

    await commands.execute(Do(work))
    assert tries == [0, 1]
    assert await amounts(database) == [2, 0]


async def test_a_conflict_that_stays_is_given_up_after_three_tries(commands: Commands) -> None:
    tries: list[int] = []

    async def work(uow: UnitOfWork) -> None:
        tries.append(1)
        await uow.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(DBAPIError):
        await commands.execute(Do(work))
    assert len(tries) == ATTEMPTS


async def test_an_error_leaves_neither_state_nor_event(database: Database, commands: Commands) -> None:
    async def work(uow: UnitOfWork) -> None:
        await add(uow)
        uow.record(an_alert(), 1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await commands.execute(Do(work), ReceivedFrom("booking", new_id()))
    assert (await amounts(database), await events(database)) == ([0, 0], 0)
    assert await database.fetch_all(text("SELECT 1 FROM inbox")) == []


async def test_an_event_too_large_for_the_broker_is_refused_before_anything_commits(
    database: Database, commands: Commands
) -> None:
    async def work(uow: UnitOfWork) -> None:
        await add(uow)
        uow.record(an_alert("x" * 300_000), 1)

    with pytest.raises(ValueError, match="larger"):
        await commands.execute(Do(work))
    assert (await amounts(database), await events(database)) == ([0, 0], 0)


async def test_a_version_told_twice_is_refused_whole(database: Database, commands: Commands) -> None:
    alert = an_alert()

    async def work(uow: UnitOfWork) -> None:
        await add(uow)
        uow.record(alert, 1)

    await commands.execute(Do(work))
    with pytest.raises(DBAPIError):
        await commands.execute(Do(work))
    assert (await amounts(database), await events(database)) == ([1, 0], 1)


async def test_who_waits_for_the_commit_is_told_after_it_and_only_then(database: Database, commands: Commands) -> None:
    told: list[str] = []
    commands.on_events = lambda: told.append("events")

    async def work(uow: UnitOfWork) -> None:
        uow.after_commit(lambda: told.append("committed"))
        uow.record(an_alert(), 1)
        assert told == []

    async def failing(uow: UnitOfWork) -> None:
        await work(uow)
        raise ValueError

    with pytest.raises(ValueError):
        await commands.execute(Do(failing))
    assert told == []
    await commands.execute(Do(work))
    assert told == ["committed", "events"]


async def test_a_callback_that_fails_can_not_make_a_commit_look_undone(database: Database, commands: Commands) -> None:
    told: list[str] = []
    commands.on_events = lambda: told.append("events")

    async def work(uow: UnitOfWork) -> str:
        uow.after_commit(lambda: {}["missing"])
        uow.after_commit(lambda: told.append("committed"))
        uow.record(an_alert(), 1)
        return "done"

    assert await commands.execute(Do(work)) == "done"
    assert told == ["committed", "events"]


async def test_a_commit_that_fails_raises_and_is_not_told_to_anyone(database: Database, commands: Commands) -> None:
    told: list[str] = []
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE parents (id int PRIMARY KEY)"))
        await connection.execute(
            text("CREATE TABLE children (id int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
        )

    async def work(uow: UnitOfWork) -> None:
        uow.after_commit(lambda: told.append("committed"))
        await uow.execute(text("INSERT INTO children VALUES (7)"))

    with pytest.raises(DBAPIError):
        await commands.execute(Do(work))
    assert told == []


async def test_a_connection_lost_at_the_commit_is_not_tried_again_blindly(
    database: Database, commands: Commands
) -> None:
    tries: list[int] = []

    async def work(uow: UnitOfWork) -> None:
        tries.append(1)
        await add(uow)
        pid = await uow.scalar(text("SELECT pg_backend_pid()"))
        async with database.transaction() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    with pytest.raises(OperationalError):
        await commands.execute(Do(work))
    assert tries == [1]
    assert await amounts(database) == [0, 0]
    await commands.execute(Do(add))
    assert await amounts(database) == [1, 0]


@pytest.mark.usefixtures("patience")
async def test_the_same_delivery_twice_at_once_is_handled_once(database: Database, commands: Commands) -> None:
    delivery = ReceivedFrom("booking", new_id())
    results = await asyncio.gather(*(commands.execute(Do(add), delivery) for _ in range(5)))
    assert sorted(result is ALREADY_HANDLED for result in results) == [False, True, True, True, True]
    assert await amounts(database) == [1, 0]


@pytest.mark.usefixtures("patience")
async def test_a_cancelled_command_leaves_its_connection_in_order(database: Database, commands: Commands) -> None:
    async def slow(uow: UnitOfWork) -> None:
        await add(uow)
        await uow.execute(text("SELECT pg_sleep(2)"))

    for _ in range(3):
        running = [asyncio.create_task(commands.execute(Do(slow))) for _ in range(7)]
        await asyncio.wait(running, timeout=0.2)
        for task in running:
            task.cancel()
        await asyncio.wait(running)
    assert await asyncio.gather(*(commands.execute(Do(add)) for _ in range(7)))
    assert await amounts(database) == [7, 0]
