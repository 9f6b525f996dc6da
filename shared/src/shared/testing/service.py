"""A service under test: the real application on a real database, called as the gateway would call it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert, select

from shared.app import create_app
from shared.clock import Clock, utc_now
from shared.commands import Commands
from shared.contracts import EVENTS
from shared.contracts.base import Event
from shared.contracts.subscribers import SUBSCRIBERS
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.db.tables import outbox
from shared.http.identity import Caller, TokenIssuer, generate_private_key, public_key_of
from shared.ids import new_id
from shared.messaging.consumer import ReceivedFrom
from shared.service import Parts, Platform, Service
from shared.testing.patience import patient
from shared.testing.plugin import DatabaseFactory

GATEWAY_KEY = generate_private_key()
SERVICE_KEYS = {name: generate_private_key() for name in SUBSCRIBERS}
BOOKING_KEY = SERVICE_KEYS["booking"]
PRIVATE_KEYS = {"gateway": GATEWAY_KEY, **SERVICE_KEYS}
PUBLIC_KEYS = ",".join(f"{issuer}={public_key_of(key)}" for issuer, key in PRIVATE_KEYS.items())


class MovableClock:
    """A clock that stands still until a test moves it; starts at the present unless told otherwise."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or utc_now()

    def __call__(self) -> datetime:
        return self.now


@dataclass
class RunningService:
    """A service in this process: routes by `as_caller`, use cases by `commands`, event handlers by `receive`."""

    service: Service[Any]
    platform: Platform[Any]
    parts: Parts
    app: Any
    _issuers: dict[str, TokenIssuer] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The service's own database."""
        return self.platform.database

    @property
    def commands(self) -> Commands:
        """The service's use cases."""
        return self.parts.commands

    def as_caller(self, caller: Caller = Caller(), **headers: str) -> httpx.AsyncClient:
        """An HTTP client whose requests come from `caller`, by way of the gateway or of another service.

        Each request has a token of its own, since a token lives shorter than a test on a slow machine may.
        """
        issuer = self._issuers[caller.service or "gateway"]

        async def vouch(request: httpx.Request) -> None:
            request.headers["Authorization"] = f"Bearer {issuer.issue(caller, self.service.name)}"

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url="http://service",
            headers=headers,
            event_hooks={"request": [vouch]},
            timeout=30,
        )

    async def receive(self, event: Event, event_id: UUID | None = None) -> Any:
        """Handles an event as the consumer would, inbox row included; the same `event_id` again is a redelivery."""
        command = self.parts.event_handlers[type(event)](event)
        return await self.commands.execute(command, ReceivedFrom(self.service.name, event_id or new_id()))

    async def events(self, event_type: type[Event] | None = None) -> list[Event]:
        """What the service has recorded in its outbox so far, in order."""
        rows = await self.database.fetch_all(select(outbox.c.type, outbox.c.data).order_by(outbox.c.id))
        found = [EVENTS[row.type].model_validate(row.data) for row in rows]
        return [event for event in found if event_type is None or isinstance(event, event_type)]

    async def put(self, table: Any, **values: Any) -> None:
        """Inserts a row as it is, for states that no use case reaches quickly."""
        async with self.database.transaction() as connection:
            await connection.execute(insert(table).values(**values))

    async def run_job(self, name: str) -> Any:
        """Runs one periodic job now."""
        return await next(job for job in self.parts.jobs if job.name == name).run()


@asynccontextmanager
async def running(
    service: Service[Any], database_factory: DatabaseFactory, clock: Clock = utc_now, **settings: Any
) -> AsyncIterator[RunningService]:
    """The service on a fresh database of its own, with its resources started; `settings` override the defaults.

    Its limits leave time for slow machines, see `patient`.
    """
    url = database_factory(service.name, lambda template: _migrate(template, service))
    values = {
        "debug": True,
        "database_url": url,
        "identity_public_keys": PUBLIC_KEYS,
        "secret_key": "t" * 40,
        **settings,
    }
    platform = service.platform(service.settings(**values), clock)
    parts = service.compose(platform)
    app = create_app(service, platform, parts)
    issuers = {issuer: TokenIssuer(issuer, key) for issuer, key in PRIVATE_KEYS.items()}
    with patient():
        async with app.router.lifespan_context(app):
            yield RunningService(service, platform, parts, app, issuers)


def _migrate(url: str, service: Service[Any]) -> None:
    migrate(url, service.migrations)


def a_customer(**values: Any) -> Caller:
    """A customer who is logged in."""
    defaults: dict[str, Any] = {
        "id": new_id(), "email": "ada@example.com", "first_name": "Ada", "last_name": "Byron", "phone": "+12125550123"
    }  # fmt: skip
    return Caller(kind="customer", ip="203.0.113.7", ua="test", sid="session", **{**defaults, **values})


def a_staff_member(*permissions: str, **values: Any) -> Caller:
    """A staff member with these permissions."""
    defaults: dict[str, Any] = {"id": new_id(), "email": "sam@totetaxi.test", "first_name": "Sam", "role": "operator"}
    return Caller(
        kind="staff", ip="203.0.113.8", ua="test", sid="s", permissions=frozenset(permissions), **{**defaults, **values}
    )


def a_service(name: str = "booking") -> Caller:
    """Another service of ours."""
    return Caller(kind="service", service=name)
