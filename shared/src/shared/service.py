"""What a service is made of. Each service's `service.py` describes itself with these and is its composition root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import typer
from fastapi import APIRouter

from shared.clock import Clock, utc_now
from shared.commands import Commands, Handler
from shared.db.engine import Database
from shared.http.client import ServiceClient
from shared.http.identity import TokenIssuer
from shared.jobs import Job
from shared.messaging.consumer import EventHandlers
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


class Resource(Protocol):
    """Something that is opened before a process works and closed after it."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True)
class Platform(Generic[S]):
    """What the machinery gives to a composition root."""

    name: str
    settings: S
    database: Database
    clock: Clock = utc_now

    def commands(self, handlers: Mapping[type[Any], Handler]) -> Commands:
        """The service's use cases: command class → handler."""
        return Commands(self.database, handlers, self.clock)

    def client(self, upstream: str, url: str, private_key: str) -> ServiceClient:
        """A client for calls to another service; add it to the parts' resources."""
        issuer = TokenIssuer(self.name, private_key) if private_key else None
        return ServiceClient(upstream, url, self.name, issuer)


@dataclass(frozen=True)
class Parts:
    """What a composition root gives back: all that the service's processes run."""

    commands: Commands
    routers: Sequence[APIRouter] = ()
    event_handlers: EventHandlers = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    resources: Sequence[Resource] = ()


@dataclass(frozen=True)
class Service(Generic[S]):
    """A service: its name, its settings, how it is composed, where its migrations are, its own command-line tools."""

    name: str
    title: str
    settings: type[S]
    compose: Callable[[Platform[S]], Parts]
    migrations: Path
    tools: Callable[[typer.Typer, "Service[S]"], None] | None = None

    def platform(self, settings: S, clock: Clock = utc_now) -> Platform[S]:
        """The machinery for one process of this service."""
        database = Database(settings.database_url, settings.db_pool_size, settings.db_max_overflow)
        return Platform(self.name, settings, database, clock)
