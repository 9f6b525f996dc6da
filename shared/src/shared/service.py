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
from shared.http.health import Check
from shared.http.identity import TokenIssuer
from shared.invariants import Prove
from shared.jobs import Job
from shared.messaging.consumer import EventHandlers
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


class Resource(Protocol):
    """Something that is opened before a process works and closed after it."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Loop(Protocol):
    """Something that each worker of a service does all the time beside relaying and consuming, such as sending mail.

    `run` ends soon after `stop`; an error that it raises ends the process. `last_beat` is its last turn on the event
    loop's clock: it leaves the heartbeat `name`, and a loop that does not turn makes the worker unhealthy.
    """

    name: str
    last_beat: float

    async def run(self) -> None: ...

    def stop(self) -> None: ...


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
    """What a composition root gives back: all that the service's processes run.

    Resources are opened in both processes, jobs and loops run in workers only. A request looks through the routers in
    their order, so those asked most often come first. `ready` are checks of the `api` process beside those of the
    database; `invariants` proves the service's books to operators.
    """

    commands: Commands
    routers: Sequence[APIRouter] = ()
    event_handlers: EventHandlers = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    loops: Sequence[Loop] = ()
    resources: Sequence[Resource] = ()
    ready: Mapping[str, Check] = field(default_factory=dict)
    invariants: Prove | None = None


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
