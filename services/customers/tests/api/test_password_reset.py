import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from customers.adapters.tables import staff, staff_audit
from httpx import Response
from shared.contracts.customers import AccessChanged, PasswordResetRequested
from shared.db.sight import noting_round_trips
from shared.testing.service import MovableClock, RunningService, a_customer
from sqlalchemy import select, update

from ..factories import PASSWORD, log_in, opened, post, register, reset_links

NEW = "eight green parrots"


async def confirm(
    service: RunningService, link: PasswordResetRequested, new: str = NEW, who: str = "customers"
) -> Response:
    body = {"token": opened(link.token_sealed), "new_password": new}
    return await post(service, f"/api/{who}/auth/password-reset/confirm/", body)


async def test_a_forgotten_password_is_replaced_and_all_sessions_end(service: RunningService) -> None:
    customer_id = await register(service)
    (link,) = await reset_links(service, "ADA@example.com")
    assert (link.account_id, link.account_kind, link.email) == (customer_id, "customer", "ada@example.com")
    confirmed = await confirm(service, link)
    assert confirmed.status_code == 200
    assert confirmed.json()["shut_out"] == {"account_id": str(customer_id), "access_version": 2}
    assert [(await log_in(service, "ada@example.com", guess)).status_code for guess in (PASSWORD, NEW)] == [400, 200]
    ended = AccessChanged(account_id=customer_id, access_version=2, reason="password_reset")
    assert await service.events(AccessChanged) == [ended]


async def test_staff_get_theirs_at_their_own_door_and_it_is_in_the_audit_log(
    service: RunningService, staff_email: str
) -> None:
    assert await reset_links(service, staff_email, "customers") == []
    (link,) = await reset_links(service, staff_email, "staff")
    assert (await confirm(service, link, who="customers")).status_code == 400
    assert (await confirm(service, link, who="staff")).status_code == 200
    assert (await log_in(service, staff_email, NEW, "staff")).status_code == 200
    rows = await service.database.fetch_all(select(staff_audit.c.description).order_by(staff_audit.c.id))
    assert [row.description for row in rows][1:] == ["Password reset by e-mail", "Logged in"]


async def test_customers_get_none_at_the_staffs_door(service: RunningService) -> None:
    await register(service)
    assert await reset_links(service, "ada@example.com", "staff") == []


async def test_whoever_was_let_go_gets_none(service: RunningService, staff_email: str) -> None:
    (link,) = await reset_links(service, staff_email, "staff")
    async with service.database.transaction() as connection:
        await connection.execute(update(staff).values(is_active=False))
    assert (await confirm(service, link, who="staff")).status_code == 400
    assert len(await reset_links(service, staff_email, "staff")) == 1


async def test_a_link_counts_once_and_for_an_hour(service: RunningService, clock: MovableClock) -> None:
    await register(service)
    (link,) = await reset_links(service, "ada@example.com")
    answers = await asyncio.gather(*(confirm(service, link, f"{NEW} {n}") for n in range(3)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 2}
    *_, late = await reset_links(service, "ada@example.com")
    clock.now += timedelta(hours=1)
    refused = await confirm(service, late)
    assert (refused.status_code, refused.json()["error_code"]) == (400, "invalid_token")


async def test_strangers_who_keep_asking_fill_no_mailbox(service: RunningService, clock: MovableClock) -> None:
    await register(service)
    sent = []
    for _ in range(12):
        sent.append(len(await reset_links(service, "ada@example.com")))
        clock.now += timedelta(seconds=30)
    assert sent == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5]
    clock.now += timedelta(minutes=54)
    assert len(await reset_links(service, "ada@example.com")) == 6


async def test_strangers_who_keep_asking_end_no_link_and_a_used_one_ends_all(
    service: RunningService, clock: MovableClock
) -> None:
    await register(service)
    for _ in range(3):
        links = await reset_links(service, "ada@example.com")
        clock.now += timedelta(minutes=1)
    answers = await asyncio.gather(*(confirm(service, link) for link in links))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 2}


@pytest.mark.parametrize(("which", "status"), [(0, 400), (1, 200)])
async def test_each_link_has_its_own_hour(
    service: RunningService, clock: MovableClock, which: int, status: int
) -> None:
    await register(service)
    for _ in range(3):
        links = await reset_links(service, "ada@example.com")
        clock.now += timedelta(minutes=20)
    assert (await confirm(service, links[which])).status_code == status


async def test_another_password_ends_the_earlier_links_too(service: RunningService, clock: MovableClock) -> None:
    customer_id = await register(service)
    await reset_links(service, "ada@example.com")
    clock.now += timedelta(minutes=1)
    links = await reset_links(service, "ada@example.com")
    change = {"current_password": PASSWORD, "new_password": NEW}
    await post(service, "/api/customers/auth/password/", change, a_customer(id=customer_id))
    assert [(await confirm(service, link)).status_code for link in links] == [400, 400]


async def test_a_bad_password_leaves_the_link_as_it_is(service: RunningService) -> None:
    await register(service)
    (link,) = await reset_links(service, "ada@example.com")
    for bad in ("short", "password1", "ada@example.com"):
        assert list((await confirm(service, link, bad)).json()["field_errors"]) == ["new_password"]
    assert (await confirm(service, link)).status_code == 200


async def test_a_reset_unlocks_the_login(service: RunningService) -> None:
    await register(service)
    for _ in range(10):
        await log_in(service, "ada@example.com", "wrong")
    assert (await log_in(service, "ada@example.com")).status_code == 423
    (link,) = await reset_links(service, "ada@example.com")
    await confirm(service, link)
    assert (await log_in(service, "ada@example.com", NEW)).status_code == 200


async def statements_of(service: RunningService, email: str, who: str) -> tuple[list[list[str]], dict[str, Any]]:
    """What a request for a link asks the database, and its answer without the time."""
    with noting_round_trips() as seen:
        answer = await post(service, f"/api/{who}/auth/password-reset/", {"email": email})
    return seen, {"status": answer.status_code, **answer.json()}


@pytest.mark.parametrize("who", ["customers", "staff"])
async def test_known_and_unknown_addresses_cost_and_say_the_same(
    service: RunningService, staff_email: str, who: str
) -> None:
    await register(service)
    asked = [await statements_of(service, email, who) for email in ("ada@example.com", staff_email, "who@example.com")]
    assert asked[0] == asked[1] == asked[2]
    assert (len(asked[0][0]), asked[0][1]["status"]) == (1, 200)
