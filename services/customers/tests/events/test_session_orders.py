import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from customers.adapters.secret_tables import second_factors
from customers.adapters.tables import session_endings, session_refreshes
from customers.commands.set_up_second_factor import ResetSecondFactor
from customers.domain.permissions import permissions_of
from customers.service import SERVICE
from shared.contracts.customers import AccessChanged
from shared.http.identity import TokenVerifier, generate_private_key, parse_public_keys, public_key_of
from shared.ids import new_id
from shared.testing.plugin import DatabaseFactory
from shared.testing.servers import free_port
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member, running
from shared.testing.waiting import wait_until_async
from shared.worker import Worker
from sqlalchemy import insert, select

from ..factories import BOOKED_AT, PASSWORD, hire, opened, post, register, reset_links

KEY = generate_private_key()


@dataclass
class Gateway:
    """The other side: a small server that takes orders of the customers service, with the status it is told.

    `ended` holds accounts with the access version below which their sessions ended, `refreshed` what sessions say.
    """

    url: str = ""
    status: int = 200
    ended: list[tuple[str, int]] = field(default_factory=list)
    refreshed: list[dict[str, Any]] = field(default_factory=list)
    during_call: Any = None

    async def take(self, request: web.Request) -> Any:
        verifier = TokenVerifier("gateway", parse_public_keys(f"customers={public_key_of(KEY)}"))
        assert verifier.verify(request.headers["Authorization"].removeprefix("Bearer ")).service == "customers"
        if self.during_call is not None:
            await self.during_call()
        return await request.json()

    async def end(self, request: web.Request) -> web.Response:
        body = await self.take(request)
        self.ended.append((body["account_id"], body["access_version"]))
        return web.json_response({"ended": 1}, status=self.status)

    async def refresh(self, request: web.Request) -> web.Response:
        self.refreshed.append((await self.take(request))["session"])
        return web.json_response({"refreshed": True}, status=self.status)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway, app = Gateway(), web.Application()
    app.router.add_post("/internal/sessions/end", gateway.end)
    app.router.add_post("/internal/sessions/refresh", gateway.refresh)
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
    try:
        yield
    finally:
        stop.set()
        await worker


async def forget_the_password(service: RunningService) -> UUID:
    customer_id = await register(service)
    (link,) = await reset_links(service, "ada@example.com")
    body = {"token": opened(link.token_sealed), "new_password": "eight green parrots"}
    assert (await post(service, "/api/customers/auth/password-reset/confirm/", body)).status_code == 200
    return customer_id


async def choose_another_password(service: RunningService) -> UUID:
    customer_id = await register(service)
    change = {"current_password": PASSWORD, "new_password": "eight green parrots"}
    answer = await post(service, "/api/customers/auth/password/", change, a_customer(id=customer_id))
    assert answer.status_code == 200
    return customer_id


async def let_somebody_go(service: RunningService) -> UUID:
    staff_id = await hire(service, "mia@totetaxi.test", "manager")
    admin = a_staff_member(*permissions_of("admin"), role="admin")
    async with service.as_caller(admin) as client:
        answer = await client.put(f"/api/staff/accounts/{staff_id}/", json={"is_active": False})
    assert answer.status_code == 200
    return staff_id


async def erase_oneself(service: RunningService) -> UUID:
    customer_id = await register(service)
    answer = await post(service, "/api/customers/erase/", {"password": PASSWORD}, a_customer(id=customer_id))
    assert answer.status_code == 200
    return customer_id


async def lose_the_second_factor(service: RunningService) -> UUID:
    staff_id = await hire(service, "mia@totetaxi.test", "manager")
    async with service.database.transaction() as connection:
        await connection.execute(
            insert(second_factors), {"staff_id": staff_id, "secret_sealed": "s", "confirmed_at": BOOKED_AT}
        )
    await service.commands.execute(ResetSecondFactor("mia@totetaxi.test"))
    return staff_id


CHANGES = [choose_another_password, forget_the_password, let_somebody_go, erase_oneself, lose_the_second_factor]


@pytest.mark.parametrize("change", CHANGES)
async def test_sessions_end_without_the_broker_whatever_changed(
    service: RunningService, gateway: Gateway, change: Callable[[RunningService], Awaitable[UUID]]
) -> None:
    account_id = await change(service)
    await service.run_job("end-sessions")
    assert gateway.ended == [(str(account_id), 2)]
    assert await waiting(service) == []


async def test_the_worker_ends_sessions_while_the_broker_is_away(
    database_factory: DatabaseFactory, gateway: Gateway
) -> None:
    away = f"amqp://127.0.0.1:{free_port()}/"
    settings = {"gateway_url": gateway.url, "identity_private_key": KEY, "rabbitmq_url": away, "port": 0}
    async with running(SERVICE, database_factory, **settings) as service, working(service):
        account_id = await let_somebody_go(service)

        async def is_done() -> bool:
            return bool(gateway.ended) and await waiting(service) == []

        await wait_until_async(is_done, timeout=90, what="the gateway to have ended the sessions")
        assert set(gateway.ended) == {(str(account_id), 2)}


async def correct(service: RunningService, customer_id: UUID, version: int = 1, **values: Any) -> None:
    async with service.as_caller(a_staff_member("view_customers", "manage_customers")) as client:
        answer = await client.put(f"/api/staff/customers/{customer_id}/", json={"version": version, **values})
    assert answer.status_code == 200, answer.text


async def refreshes(service: RunningService) -> int:
    return len(await service.database.fetch_all(select(session_refreshes)))


async def test_what_the_office_corrects_is_told_to_the_sessions(service: RunningService, gateway: Gateway) -> None:
    customer_id = await register(service)
    await correct(service, customer_id, last_name="King", phone="212 555 0199")
    for status in (503, 200, 200):
        gateway.status = status
        await service.run_job("refresh-sessions")
    told = [
        (said["account_id"], said["version"], said["access_version"], said["last_name"], said["phone"])
        for said in gateway.refreshed
    ]
    assert told == [(str(customer_id), 2, 1, "King", "+12125550199")] * 2
    assert await refreshes(service) == 0


async def test_a_customers_own_change_is_told_too_and_preferences_are_not(
    service: RunningService, gateway: Gateway
) -> None:
    me = a_customer(id=await register(service))
    async with service.as_caller(me) as client:
        await client.put("/api/customers/preferences/", json={"email_notifications": False})
        assert await refreshes(service) == 0
        await client.put("/api/customers/profile/", json={"first_name": "Amy"})
    await service.run_job("refresh-sessions")
    assert [(said["first_name"], said["version"]) for said in gateway.refreshed] == [("Amy", 3)]


async def test_a_correction_during_the_call_is_told_again(service: RunningService, gateway: Gateway) -> None:
    customer_id = await register(service)

    async def correct_again() -> None:
        gateway.during_call = None
        await correct(service, customer_id, 2, last_name="Latest")

    gateway.during_call = correct_again
    await correct(service, customer_id, last_name="King")
    for _ in range(2):
        await service.run_job("refresh-sessions")
    assert [said["last_name"] for said in gateway.refreshed] == ["King", "Latest"]
    assert await refreshes(service) == 0


async def test_nothing_is_said_of_somebody_who_is_erased(service: RunningService, gateway: Gateway) -> None:
    customer_id = await register(service)
    await correct(service, customer_id, last_name="King")
    await post(service, "/api/customers/erase/", {"password": PASSWORD}, a_customer(id=customer_id))
    await service.run_job("refresh-sessions")
    assert (gateway.refreshed, await refreshes(service)) == ([], 0)
