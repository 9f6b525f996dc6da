import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from customers.adapters.tables import session_endings
from customers.service import SERVICE
from shared.contracts.customers import AccessChanged
from shared.http.identity import TokenVerifier, generate_private_key, parse_public_keys, public_key_of
from shared.ids import new_id
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, a_customer, running
from shared.testing.waiting import wait_until_async
from shared.worker import Worker
from sqlalchemy import select

from ..factories import PASSWORD, post, register

KEY = generate_private_key()


@dataclass
class Gateway:
    """The other side: a small server that ends sessions for the customers service, with the status it is told.

    `ended` holds accounts with the access version below which their sessions ended.
    """

    url: str = ""
    status: int = 200
    ended: list[tuple[str, int]] = field(default_factory=list)
    during_call: Any = None

    async def end(self, request: web.Request) -> web.Response:
        verifier = TokenVerifier("gateway", parse_public_keys(f"customers={public_key_of(KEY)}"))
        assert verifier.verify(request.headers["Authorization"].removeprefix("Bearer ")).service == "customers"
        if self.during_call is not None:
            await self.during_call()
        body = await request.json()
        self.ended.append((body["account_id"], body["access_version"]))
        return web.json_response({"ended": 1}, status=self.status)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway, app = Gateway(), web.Application()
    app.router.add_post("/internal/sessions/end", gateway.end)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield gateway
    await runner.cleanup()


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, clock: MovableClock, gateway: Gateway
) -> AsyncIterator[RunningService]:
    settings = {"gateway_url": gateway.url, "identity_private_key": KEY}
    async with running(SERVICE, database_factory, clock, **settings) as service:
        yield service


def a_change_of_access(access_version: int = 2, account_id: UUID | None = None) -> AccessChanged:
    return AccessChanged(account_id=account_id or new_id(), access_version=access_version, reason="password_changed")


async def waiting(service: RunningService) -> list[tuple[str, int]]:
    rows = await service.database.fetch_all(select(session_endings))
    return [(str(row.account_id), row.attempts) for row in rows]


async def test_the_gateway_ends_the_sessions_of_an_account_whose_access_changed(
    service: RunningService, gateway: Gateway
) -> None:
    event = a_change_of_access(3)
    await service.receive(event)
    await service.run_job("end-sessions")
    await service.run_job("end-sessions")
    assert gateway.ended == [(str(event.account_id), 3)]
    assert await waiting(service) == []


@pytest.mark.parametrize("status", [401, 500, 503])
async def test_it_asks_again_until_the_gateway_has_done_it(
    service: RunningService, gateway: Gateway, status: int
) -> None:
    event = a_change_of_access()
    gateway.status = status
    await service.receive(event)
    await service.run_job("end-sessions")
    assert await waiting(service) == [(str(event.account_id), 1)]
    gateway.status = 200
    await service.run_job("end-sessions")
    assert await waiting(service) == []


async def test_one_that_fails_does_not_hold_up_the_others(service: RunningService, gateway: Gateway) -> None:
    changes = [a_change_of_access(), a_change_of_access(), a_change_of_access()]
    gateway.status = 500
    for event in changes:
        await service.receive(event)
    await service.run_job("end-sessions")
    assert sorted(gateway.ended) == sorted((str(event.account_id), 2) for event in changes)


async def test_a_gateway_that_is_down_is_asked_again_later(
    database_factory: DatabaseFactory, clock: MovableClock
) -> None:
    settings = {"gateway_url": "http://127.0.0.1:9", "identity_private_key": KEY}
    async with running(SERVICE, database_factory, clock, **settings) as service:
        event = a_change_of_access()
        await service.receive(event)
        await service.run_job("end-sessions")
        assert await waiting(service) == [(str(event.account_id), 1)]


async def test_a_change_during_the_call_is_told_to_the_gateway_again(service: RunningService, gateway: Gateway) -> None:
    event = a_change_of_access(2)

    async def change_again() -> None:
        gateway.during_call = None
        await service.receive(a_change_of_access(3, event.account_id))

    gateway.during_call = change_again
    await service.receive(event)
    await service.run_job("end-sessions")
    assert await waiting(service) == [(str(event.account_id), 0)]
    await service.run_job("end-sessions")
    assert (await waiting(service), [version for _, version in gateway.ended]) == ([], [2, 3])


async def test_of_changes_that_wait_the_latest_counts_in_whatever_order_they_are_told(
    service: RunningService, gateway: Gateway
) -> None:
    account_id = new_id()
    for access_version in (2, 4, 3):
        await service.receive(a_change_of_access(access_version, account_id))
    await service.run_job("end-sessions")
    assert gateway.ended == [(str(account_id), 4)]


@asynccontextmanager
async def working(service: RunningService) -> AsyncIterator[None]:
    """A worker of the service beside its application."""
    platform, stop = SERVICE.platform(service.platform.settings), asyncio.Event()
    worker = asyncio.create_task(Worker(SERVICE, platform, SERVICE.compose(platform)).run(stop))
    yield
    stop.set()
    await worker


async def test_a_new_password_reaches_the_gateway_by_way_of_the_broker(
    database_factory: DatabaseFactory, gateway: Gateway, rabbitmq_url: str
) -> None:
    settings = {"gateway_url": gateway.url, "identity_private_key": KEY, "rabbitmq_url": rabbitmq_url, "port": 0}
    async with running(SERVICE, database_factory, **settings) as service, working(service):
        customer_id = await register(service)
        change = {"current_password": PASSWORD, "new_password": "eight green parrots"}
        await post(service, "/api/customers/auth/password/", change, a_customer(id=customer_id))

        async def ended() -> bool:
            return gateway.ended == [(str(customer_id), 2)]

        await wait_until_async(ended, timeout=30, what="the gateway to be asked to end the sessions")
