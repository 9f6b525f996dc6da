"""Pytest fixtures with real servers, each started at its first use and gone with the test run."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from shared.testing.databases import Databases, Migrate
from shared.testing.servers import PostgresServer, RabbitServer, ValkeyServer


class DatabaseFactory(Protocol):
    """Gives a test a clean database with the schema that `migrate(url)` makes; returns its `postgresql://` address."""

    def __call__(self, name: str, migrate: Migrate) -> str:
        """`name` is the schema's, such as "booking": it is migrated once per test run."""
        ...


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where this run's servers keep their data. Not in pytest's folder, which other system users may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="totetaxi-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test run."""
    server = PostgresServer(servers_folder / "postgres", durable=False).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_server(servers_folder: Path) -> Iterator[RabbitServer]:
    """A RabbitMQ of this test run."""
    server = RabbitServer(servers_folder / "rabbitmq", durable=False).start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def valkey_server(servers_folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey of this test run."""
    server = ValkeyServer(servers_folder / "valkey", durable=False).start()
    yield server
    server.stop()


@pytest.fixture
def rabbitmq_url(rabbitmq_server: RabbitServer) -> Iterator[str]:
    """The `amqp://` address of a virtual host of this test's own."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    yield rabbitmq_server.create_vhost(name)
    rabbitmq_server.management.delete_vhost(name)


@pytest.fixture
def mortal_rabbitmq(servers_folder: Path) -> Iterator[RabbitServer]:
    """A RabbitMQ of this test's own, to be killed: a node killed while others' queues come and go may stay broken."""
    server = RabbitServer(servers_folder / f"rabbitmq-{uuid.uuid4().hex[:8]}", durable=False).start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(valkey_server: ValkeyServer) -> str:
    """The `redis://` address of an empty Valkey."""
    valkey_server.flush()
    return valkey_server.url


@pytest.fixture(scope="session")
def _databases(postgres_server: PostgresServer) -> Databases:
    """Those of this test run."""
    return Databases(postgres_server)


@pytest.fixture
def database_factory(_databases: Databases) -> Iterator[DatabaseFactory]:
    """Clean migrated databases of one test's own."""
    taken: list[str] = []

    def take(name: str, migrate: Migrate) -> str:
        taken.append(_databases.take(name, migrate))
        return taken[-1]

    yield take
    for url in taken:
        _databases.give_back(url)
