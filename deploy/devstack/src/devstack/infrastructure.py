"""PostgreSQL, RabbitMQ and Valkey: embedded ones, except where the environment names others."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.testing.servers import EmbeddedServer, PostgresServer, RabbitServer, ValkeyServer

from devstack import SERVICES
from devstack.folder import RunFolder

VHOST = "totetaxi"


@dataclass(frozen=True)
class Infrastructure:
    """The embedded servers (None where one from outside is used) and the addresses given from outside."""

    postgres: PostgresServer | None
    rabbitmq: RabbitServer | None
    valkey: ValkeyServer | None
    given_databases: Mapping[str, str]
    given_rabbitmq: str
    given_redis: str

    @property
    def servers(self) -> list[EmbeddedServer]:
        """The embedded ones, the slowest to start first."""
        return [server for server in (self.rabbitmq, self.postgres, self.valkey) if server is not None]

    @property
    def redis_url(self) -> str:
        """Where the gateway keeps sessions and limits."""
        return self.valkey.url if self.valkey else self.given_redis

    @property
    def rabbitmq_url(self) -> str:
        """The broker, with the login that may do everything."""
        return self.rabbitmq.url(VHOST) if self.rabbitmq else self.given_rabbitmq

    @property
    def postgres_url(self) -> str:
        """The database server's superuser; empty when all databases were given from outside."""
        return self.postgres.superuser_url() if self.postgres else ""


@dataclass(frozen=True)
class Addresses:
    """What each service connects to, with a login of its own."""

    databases: Mapping[str, str]
    brokers: Mapping[str, str]
    redis: str


def choose_infrastructure(folder: RunFolder, environment: Mapping[str, str]) -> Infrastructure:
    """Take what the environment names and embed the rest. Raises NotInstalled when there is no RabbitMQ to be had."""
    names = {service: f"{service.upper()}_DATABASE_URL" for service in SERVICES}
    databases = {service: environment[name] for service, name in names.items() if environment.get(name)}
    rabbitmq, redis = environment.get("RABBITMQ_URL", ""), environment.get("REDIS_URL", "")
    durable = environment.get("DURABLE_SERVERS", "true") != "false"
    return Infrastructure(
        postgres=PostgresServer(folder.path / "postgres", durable=durable) if len(databases) < len(SERVICES) else None,
        rabbitmq=None if rabbitmq else RabbitServer(folder.path / "rabbitmq", durable=durable),
        valkey=None if redis else ValkeyServer(folder.path / "valkey", durable=durable),
        given_databases=databases,
        given_rabbitmq=rabbitmq,
        given_redis=redis,
    )


def create_logins(infrastructure: Infrastructure, folder: RunFolder) -> Addresses:
    """Give each service its database and its broker login; the servers must be running. Safe to repeat."""
    databases = dict(infrastructure.given_databases)
    brokers = dict.fromkeys(SERVICES, infrastructure.given_rabbitmq)
    if infrastructure.postgres:
        for service in SERVICES:
            if service not in databases:
                password = folder.secret(f"{service} database")
                databases[service] = infrastructure.postgres.create_role_and_database(service, password)
    if infrastructure.rabbitmq:
        infrastructure.rabbitmq.create_vhost(VHOST)
        for service in SERVICES:
            brokers[service] = create_broker_login(infrastructure.rabbitmq, service, folder)
    return Addresses(databases, brokers, infrastructure.redis_url)


def create_broker_login(server: RabbitServer, service: str, folder: RunFolder) -> str:
    """A broker user that may declare and read its service's queues and publish to the common exchanges only."""
    password = folder.secret(f"{service} broker")
    server.management.create_user(service, password)
    server.management.allow(service, VHOST, **broker_rights(service))
    return server.url(VHOST, service, password)


def broker_rights(service: str) -> dict[str, str]:
    """What a service may configure, write and read at the broker, as patterns of names."""
    own, common = rf"{service}\.events(\..+)?", r"totetaxi\.(events|dead)"
    return {
        "configure": f"^({own}|{common})$",
        # The default exchange delivers to a queue by its name: retries go that way.
        "write": rf"^({own}|{common}|amq\.default)$",
        "read": f"^({own}|{common})$",
    }
