"""Databases that tests use one after the other: nothing of an earlier test may be found by a later one."""

import psycopg
import pytest
from shared.testing.databases import Databases
from shared.testing.servers import PostgresServer

SCHEMA = """
    CREATE TABLE bookings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text);
    CREATE TABLE stops (booking_id bigint NOT NULL REFERENCES bookings (id), note text DEFAULT '');
    CREATE TABLE policies (name text PRIMARY KEY, value text);
    INSERT INTO policies VALUES ('minimum', '99');
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'kept for ever'; END $$;
    CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON bookings EXECUTE FUNCTION refuse();
"""


def migrate(url: str) -> None:
    run(url, SCHEMA)


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def databases(postgres_server: PostgresServer) -> Databases:
    return Databases(postgres_server)


def oid(url: str) -> object:
    return run(url, "SELECT oid FROM pg_database WHERE datname = current_database()")[0][0]


def next_after(databases: Databases, url: str) -> tuple[str, object]:
    """The database that comes after `url` was given back, and whether it is the same one."""
    before = oid(url)
    databases.give_back(url)
    following = databases.take("shelf", migrate)
    return following, oid(following) == before


@pytest.fixture
def filled(databases: Databases) -> str:
    url = databases.take("shelf", migrate)
    run(url, "INSERT INTO bookings (number) VALUES ('TT-1'); INSERT INTO stops VALUES (1)")
    return url


def test_a_database_comes_again_empty_and_counts_from_one(databases: Databases, filled: str) -> None:
    following, is_same = next_after(databases, filled)
    assert is_same
    assert run(following, "SELECT * FROM bookings") == run(following, "SELECT * FROM stops") == []
    assert run(following, "INSERT INTO bookings (number) VALUES ('TT-2') RETURNING id") == [(1,)]
    assert run(following, "SELECT value FROM policies") == [("99",)]
    databases.give_back(following)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE stops ADD COLUMN floor integer",
        "ALTER TABLE stops ALTER COLUMN note SET DEFAULT 'ring twice'",
        "ALTER TABLE stops DROP CONSTRAINT stops_booking_id_fkey",
        "ALTER TABLE bookings DISABLE TRIGGER kept",
        "DROP TABLE stops",
        "CREATE TABLE crews (name text)",
        "CREATE INDEX ON bookings (number)",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "GRANT SELECT ON bookings TO public",
        "ANALYZE bookings",
        "UPDATE policies SET value = '1'",
        "DELETE FROM policies",
    ],
)
def test_what_is_not_as_it_was_is_not_used_again(databases: Databases, filled: str, change: str) -> None:
    run(filled, change)
    following, is_same = next_after(databases, filled)
    assert not is_same
    assert run(following, "SELECT value FROM policies") == [("99",)]
    databases.give_back(following)


def test_whoever_stayed_connected_is_thrown_out_and_finds_nothing_again(databases: Databases, filled: str) -> None:
    with psycopg.connect(filled) as late:
        following, _ = next_after(databases, filled)
        with pytest.raises(psycopg.OperationalError):
            late.execute("INSERT INTO bookings (number) VALUES ('TT-9')")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(filled)
    assert run(following, "SELECT * FROM bookings") == []
    databases.give_back(following)


def test_a_database_that_its_test_dropped_is_no_loss(
    databases: Databases, filled: str, postgres_server: PostgresServer
) -> None:
    postgres_server.drop(filled.rpartition("/")[2])
    databases.give_back(filled)
    assert run(databases.take("shelf", migrate), "SELECT * FROM bookings") == []
