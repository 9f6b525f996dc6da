"""Lies about who is calling, from where, and from which page change nothing."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from devstack.testing import RunningStack
from shared.http.identity import Caller, TokenIssuer

from .browser import Browser, a_move
from .callers import GUEST, JSON, Answer, Sender, caller_of
from .callers import Caller as Visitor
from .forging import ADMIN, SERVICE, forged_headers, forged_tokens, signed_by_a_stranger
from .judging import complaints_of
from .test_api_document import own_document, whole_document
from .valid_requests import A_PRICE_OF_YESTERDAY
from .world import SERVICES, World

PROFILE = "/api/customers/profile/"
BOOK = "/api/bookings/guest-booking/"
STAFFS = "/api/staff/bookings/"
CHANGE = json.dumps({"first_name": "Eve"}).encode()
PER_ANSWER = {"timestamp", "trace_id"}


@pytest.fixture
async def sender(world: World) -> AsyncIterator[Sender]:
    async with Sender(world.stack["gateway_url"]) as one:
        yield one


@pytest.fixture
async def grace(browser: Browser) -> Visitor:
    await browser.register()
    return caller_of("grace", browser)


@pytest.fixture
async def eve(world: World) -> AsyncIterator[Visitor]:
    async with Browser(world.stack) as another:
        await another.register()
        yield caller_of("eve", another)


def said(answer: Answer) -> tuple[int, Any]:
    """An answer without what is of the moment."""
    body = answer.json()
    return answer.status, {name: value for name, value in body.items() if name not in PER_ANSWER}


async def test_forged_headers_change_no_answer(sender: Sender, grace: Visitor, eve: Visitor) -> None:
    someone = (await sender.send(eve, "GET", PROFILE)).json()["user"]["id"]
    for visitor, path in ((GUEST, PROFILE), (grace, PROFILE), (GUEST, STAFFS), (grace, STAFFS)):
        honest = said(await sender.send(visitor, "GET", path))
        lies = forged_headers(someone)
        answers = await asyncio.gather(*(_lie(sender, visitor, path, lie) for lie in lies))
        assert [lie for lie, answer in zip(lies, answers, strict=True) if said(answer) != honest] == []


async def _lie(sender: Sender, visitor: Visitor, path: str, lie: dict[str, str]) -> Answer:
    return await sender.send(replace(visitor, headers=visitor.headers | lie), "GET", path)


async def test_an_address_that_the_client_wrote_escapes_no_limit(sender: Sender) -> None:
    body = json.dumps(a_move() | A_PRICE_OF_YESTERDAY).encode()
    address = f"23.4.{random.randint(0, 255)}.6"

    async def book(number: int) -> int:
        lies = {"X-Forwarded-For": f"7.7.7.{number}, {address}", "X-Real-IP": f"8.8.8.{number}"}
        headers = {"Content-Type": JSON, "Forwarded": f"for=9.9.9.{number}", **lies}
        return (await sender.send_raw("POST", BOOK, body, headers)).status

    assert sorted([await book(number) for number in range(5)]) == [409, 409, 409, 429, 429]


async def test_records_name_the_address_that_our_proxy_saw(sender: Sender, world: World) -> None:
    lies = {"X-Forwarded-For": "6.6.6.6, 23.4.5.77", "X-Real-IP": "6.6.6.6", "Content-Type": JSON}
    credentials = json.dumps(world.stack["admin"]).encode()
    answer = await sender.send_raw("POST", "/api/staff/auth/login/", credentials, lies)
    assert answer.status == 200
    query = "SELECT ip_address FROM staff_audit WHERE action_type = 'login' ORDER BY happened_at DESC LIMIT 20"
    addresses = {str(row["ip_address"]) for row in await world.rows("customers", query)}
    assert "23.4.5.77" in addresses
    assert "6.6.6.6" not in addresses


@pytest.fixture
def issuer(running_stack: RunningStack) -> TokenIssuer:
    """The gateway's own signature, as only the gateway has it."""
    secrets = json.loads((running_stack.folder / "secrets.json").read_text())
    return TokenIssuer("gateway", secrets["gateway identity"].split()[0])


@pytest.mark.parametrize("service", SERVICES)
async def test_services_take_no_token_but_the_gateways(service: str, world: World, issuer: TokenIssuer) -> None:
    ports = {(process["name"], process["role"]): process["port"] for process in world.stack["processes"]}
    genuine = issuer.issue(ADMIN, service)
    wrong = [*forged_tokens(service), *signed_by_a_stranger(genuine), issuer.issue(ADMIN, "another")]
    wrong += [issuer.issue(ADMIN, service, now=1_000_000_000), issuer.issue(SERVICE, service)]
    async with Sender(f"http://127.0.0.1:{ports[service, 'api']}") as direct:
        answers = [await direct.send_raw("GET", "/openapi.json", None, _bearing(token)) for token in ("", *wrong)]
        assert [answer.status for answer in answers] == [401] * len(answers)
        fresh = _bearing(issuer.issue(ADMIN, service))
        assert (await direct.send_raw("GET", "/openapi.json", None, fresh)).status == 200


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


async def test_a_token_for_people_opens_nothing_internal(world: World, issuer: TokenIssuer) -> None:
    ports = {(process["name"], process["role"]): process["port"] for process in world.stack["processes"]}
    for service in SERVICES:
        async with Sender(f"http://127.0.0.1:{ports[service, 'api']}") as direct:
            for method, path in _internal_operations(service):
                for caller in (ADMIN, Caller()):
                    answer = await direct.send_raw(method, path, b"{}", _bearing(issuer.issue(caller, service)))
                    assert answer.status == 403, f"{method} {path}"


def _internal_operations(service: str) -> list[tuple[str, str]]:
    found = [(operation.method, operation.template) for operation in own_document(service).operations()]
    return [(method, path) for method, path in found if path.startswith("/internal/")]


async def test_what_is_inside_is_not_reachable_through_the_gateway(sender: Sender, grace: Visitor) -> None:
    inside = [path for service in SERVICES for _, path in _internal_operations(service)]
    assert inside
    inside += [f"/{service}/health/{probe}" for service in SERVICES for probe in ("live", "ready")]
    inside += ["/booking/openapi.json", "/metrics", "/internal/", "/api/internal/payment-intents"]
    ways = [
        "{}",
        "/api{}",
        "/api/bookings/..{}",
        "/api/bookings/%2e%2e/..{}",
        "/api/bookings/services;{}",
        "/.{}",
        "//x{}",
    ]
    targets = [way.format(path) for path in inside for way in ways]
    for visitor in (GUEST, grace):
        for method in ("GET", "POST"):
            answers = await asyncio.gather(*(sender.send(visitor, method, target, b"{}") for target in targets))
            reached = [
                target for target, answer in zip(targets, answers, strict=True) if answer.status not in (400, 404)
            ]
            assert reached == []
            assert [complaint for answer in answers for complaint in complaints_of(answer)] == []


async def test_nobody_ends_sessions_by_the_way_that_services_have(sender: Sender, grace: Visitor) -> None:
    account = (await sender.send(grace, "GET", PROFILE)).json()["user"]["id"]
    body = json.dumps({"account_id": account}).encode()
    for token in ("", *forged_tokens("gateway")):
        answer = await sender.send_raw(
            "POST", "/internal/sessions/end", body, {"Content-Type": JSON, **_bearing(token)}
        )
        assert answer.status in (400, 401, 403, 404)
    assert (await sender.send(grace, "GET", PROFILE)).status == 200


async def test_a_change_needs_a_proof_from_the_same_session_and_our_own_page(
    sender: Sender, grace: Visitor, eve: Visitor
) -> None:
    loose = (await sender.send(GUEST, "GET", "/api/customers/csrf-token/")).json()["csrf_token"]
    cookie, own = {"Cookie": grace.headers["Cookie"]}, grace.headers
    foreign = "https://evil.example"
    attempts: list[dict[str, str]] = [
        cookie,
        *(cookie | {"X-CSRFToken": token} for token in ("", "x", loose, eve.headers["X-CSRFToken"], "0" * 97)),
        cookie | {"X_CSRFToken": own["X-CSRFToken"]},
        own | {"Cookie": eve.headers["Cookie"]},
        *(own | {"Origin": origin} for origin in (foreign, "null", "https://totetaxi.test.evil.example", "file://")),
        *(own | {"Sec-Fetch-Site": site} for site in ("cross-site", "same-site")),
        own | {"Origin": foreign, "Sec-Fetch-Site": "same-origin"},
    ]
    before = [said(await sender.send(visitor, "GET", PROFILE)) for visitor in (grace, eve)]
    for headers in attempts:
        answer = await sender.send(Visitor("forger", headers), "PUT", PROFILE, CHANGE)
        assert (answer.status, complaints_of(answer)) == (403, []), headers
    assert [said(await sender.send(visitor, "GET", PROFILE)) for visitor in (grace, eve)] == before
    assert (await sender.send(grace, "PUT", PROFILE, CHANGE)).status == 200


async def test_invented_cookies_are_nobody(sender: Sender, grace: Visitor) -> None:
    session = grace.headers["Cookie"].split("totetaxi_sessionid=")[1].split(";")[0]
    invented = [
        session[:-1],
        session + "A",
        session[::-1],
        session.swapcase(),
        "",
        "0" * 43,
        "../" * 10,
        "*",
        "a" * 3000,
    ]
    for value in invented:
        forger = Visitor("forger", {"Cookie": f"totetaxi_sessionid={value}"})
        assert (await sender.send(forger, "GET", PROFILE)).status == 401, value


async def test_using_the_saved_address_of_another_counts_for_nobody(world: World, browser: Browser) -> None:
    await browser.register()
    address = {"nickname": "Home", **a_move()["addresses"]["pickup"]}
    saved = (await browser.post("/api/customers/addresses/", address)).json()["created_address"]["id"]
    async with Browser(world.stack) as other:
        await other.register()
        body = {name: part for name, part in a_move().items() if name != "customer_info"}
        body["addresses"]["pickup"] |= {"saved_address_id": saved}
        answer = await other.post("/api/customers/bookings/create/", body, **{"Idempotency-Key": uuid4().hex})
        assert answer.status_code in (201, 400, 404)
    await world.until_quiet()
    (mine,) = (await browser.http.get("/api/customers/addresses/")).json()["saved_addresses"]
    assert (mine["times_used"], mine["last_used_at"]) == (0, None)


async def test_the_document_offers_nothing_internal(sender: Sender, world: World) -> None:
    document = await whole_document(world, sender)
    assert [str(one) for one in document.operations() if not one.template.startswith("/api/")] == []
