"""PostgreSQL, RabbitMQ and Valkey as private servers of this process: own folder, own port, gone when it goes."""

from shared.testing.servers.ports import free_port
from shared.testing.servers.postgres import PostgresServer
from shared.testing.servers.process import Command, ServerFailed
from shared.testing.servers.rabbitmq import RabbitServer
from shared.testing.servers.server import EmbeddedServer
from shared.testing.servers.valkey import ValkeyServer

__all__ = ["Command", "EmbeddedServer", "PostgresServer", "RabbitServer", "ServerFailed", "ValkeyServer", "free_port"]
