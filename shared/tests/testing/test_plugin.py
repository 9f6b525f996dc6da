"""The fixtures that the services' tests stand on."""

import aio_pika
import psycopg
from shared.testing.plugin import DatabaseFactory
from shared.testing.servers import RabbitServer, ValkeyServer

MIGRATED: list[str] = []


def migrate(url: str) -> None:
    MIGRATED.append(url)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bookings (number text)")


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM bookings").fetchone()
    assert row is not None
    return int(row[0])


def add(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO bookings VALUES ('TT-1')")


def test_databases_of_one_test_are_apart_but_migrated_once(database_factory: DatabaseFactory) -> None:
    first, second = database_factory("plugin", migrate), database_factory("plugin", migrate)
    add(first)
    assert (count(first), count(second)) == (1, 0)
    assert len(MIGRATED) == 1


def test_the_next_test_finds_an_empty_database(database_factory: DatabaseFactory) -> None:
    assert count(database_factory("plugin", migrate)) == 0


async def test_each_test_has_a_virtual_host_of_its_own(rabbitmq_url: str, rabbitmq_server: RabbitServer) -> None:
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("events", durable=True)
        vhost = rabbitmq_url.rpartition("/")[2]
        assert [queue["name"] for queue in rabbitmq_server.management.queues(vhost)] == ["events"]
    assert rabbitmq_server.management.queues("/") == []


def test_valkey_is_empty_at_first(redis_url: str, valkey_server: ValkeyServer) -> None:
    assert str(valkey_server.port) in redis_url
    assert b":0\r\n" in valkey_server.ask("DBSIZE")
    valkey_server.ask("SET session x")


def test_valkey_is_empty_again(redis_url: str, valkey_server: ValkeyServer) -> None:
    assert b":0\r\n" in valkey_server.ask("DBSIZE")
