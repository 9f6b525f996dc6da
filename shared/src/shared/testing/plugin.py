"""Pytest fixtures with real servers, each started at its first use and gone with the test run."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from shared.testing.servers import PostgresServer, RabbitServer, ValkeyServer

Migrate = Callable[[str], None]


class DatabaseFactory(Protocol):
    """Gives a test a fresh database with the schema that `migrate(url)` makes; returns its `postgresql://` address."""

    def __call__(self, name: str, migrate: Migrate) -> str:
        """`name` is the schema's, such as "booking": it is migrated once per test run and cloned from then on."""
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
def _templates() -> set[str]:
    """The names of the template databases that are migrated already."""
    return set()


@pytest.fixture
def database_factory(postgres_server: PostgresServer, _templates: set[str]) -> Iterator[DatabaseFactory]:
    """Fresh migrated databases for one test, dropped after it."""
    made: list[str] = []

    def create(name: str, migrate: Migrate) -> str:
        template = template_database(postgres_server, name, migrate, _templates)
        made.append(f"{template}_{uuid.uuid4().hex[:12]}")
        return postgres_server.clone(template, made[-1])

    yield create
    for database in made:
        postgres_server.drop(database)


def template_database(server: PostgresServer, name: str, migrate: Migrate, ready: set[str]) -> str:
    """The name of the database to clone for `name`; `migrate` runs against it unless it is in `ready` already."""
    template = f"template_{name}"
    if template not in ready:
        server.drop(template)
        migrate(server.create_role_and_database(template))
        server.close_to_clients(template)
        ready.add(template)
    return template
