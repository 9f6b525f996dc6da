import asyncio
from collections import Counter
from uuid import UUID

import pytest
from customers.adapters.tables import accounts
from httpx import Response
from shared.contracts.customers import AccessChanged
from shared.testing.service import RunningService, a_customer, a_staff_member
from shared.testing.waiting import wait_until_async
from sqlalchemy import text, update

from ..factories import PASSWORD, log_in, opened, post, register, reset_links

NEW = "eight green parrots"


async def change(service: RunningService, customer_id: UUID, current: str = PASSWORD, new: str = NEW) -> Response:
    body = {"current_password": current, "new_password": new}
    return await post(service, "/api/customers/auth/password/", body, a_customer(id=customer_id))


async def test_a_customer_changes_the_password_and_all_are_told_that_access_changed(service: RunningService) -> None:
    customer_id = await register(service)
    assert (await change(service, customer_id)).status_code == 200
    assert (await log_in(service, "ada@example.com", PASSWORD)).status_code == 400
    assert (await log_in(service, "ada@example.com", NEW)).status_code == 200
    assert await service.events(AccessChanged) == [
        AccessChanged(account_id=customer_id, access_version=2, reason="password_changed")
    ]


async def test_the_gateway_is_vouched_for_a_session_at_the_new_access_version(service: RunningService) -> None:
    customer_id = await register(service)
    before = (await log_in(service, "ada@example.com")).json()["session"]
    changed = (await change(service, customer_id)).json()
    assert changed == {"message": "Password changed", "session": {**before, "version": 2, "access_version": 2}}
    assert (await log_in(service, "ada@example.com", NEW)).json()["session"] == changed["session"]


async def test_an_old_password_that_was_right_before_the_change_never_counts_as_the_new_one(
    service: RunningService,
) -> None:
    await register(service)
    async with service.database.transaction() as connection:
        await connection.execute(text("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE"))
        login = asyncio.create_task(log_in(service, "ada@example.com"))
        await wait_until_async(lambda: somebody_waits_for(service, "customers"), what="the password to be compared")
        await connection.execute(update(accounts).values(password_hash="another", access_version=2))
    assert (await login).json()["session"]["access_version"] == 1


async def somebody_waits_for(service: RunningService, table: str) -> bool:
    ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = f"SELECT 1 FROM pg_locks WHERE NOT granted AND {ours} AND relation = CAST(:relation AS regclass)"
    return await service.database.fetch_one(text(waiting), {"relation": table}) is not None


async def test_the_password_in_use_must_be_known(service: RunningService) -> None:
    customer_id = await register(service)
    refused = await change(service, customer_id, current="wrong")
    assert (refused.status_code, refused.json()["error_code"]) == (400, "invalid_credentials")
    assert await service.events(AccessChanged) == []


@pytest.mark.parametrize("new", ["short", "password1", "ada@example.com"])
async def test_a_bad_new_password_is_named(service: RunningService, new: str) -> None:
    refused = await change(service, await register(service), new=new)
    assert (refused.status_code, list(refused.json()["field_errors"])) == (400, ["new_password"])


async def test_guessing_the_password_in_use_is_locked_like_a_login(service: RunningService) -> None:
    customer_id = await register(service)
    guesses = [(await change(service, customer_id, current=f"guess {n}")).status_code for n in range(11)]
    assert guesses == [400] * 10 + [423]


async def test_of_two_changes_at_once_one_wins(service: RunningService) -> None:
    customer_id = await register(service)
    answers = await asyncio.gather(*(change(service, customer_id, new=f"{NEW} {n}") for n in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 4}
    assert len(await service.events(AccessChanged)) == 1


async def test_staff_change_theirs_and_it_is_in_the_audit_log(service: RunningService, staff_email: str) -> None:
    staff_id = UUID((await log_in(service, staff_email, who="staff")).json()["user"]["id"])
    caller = a_staff_member(id=staff_id, email=staff_email)
    wrong = {"current_password": "wrong", "new_password": NEW}
    assert (await post(service, "/api/staff/auth/password/", wrong, caller)).status_code == 400
    changed = await post(service, "/api/staff/auth/password/", wrong | {"current_password": PASSWORD}, caller)
    assert (changed.status_code, changed.json()["session"]["access_version"]) == (200, 2)
    assert (await log_in(service, staff_email, NEW, "staff")).status_code == 200
    rows = await service.database.fetch_all(text("SELECT description FROM staff_audit ORDER BY id"))
    assert [row[0] for row in rows][2:] == ["Password changed", "Logged in"]


async def test_links_to_another_password_end_with_the_change(service: RunningService) -> None:
    customer_id = await register(service)
    (link,) = await reset_links(service, "ada@example.com")
    await change(service, customer_id)
    body = {"token": opened(link.token_sealed), "new_password": PASSWORD}
    assert (await post(service, "/api/customers/auth/password-reset/confirm/", body)).status_code == 400


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("customer", "/api/customers/auth/password/", {"current_password": PASSWORD, "new_password": NEW}),
        ("staff", "/api/staff/auth/password/", {"current_password": PASSWORD, "new_password": NEW}),
        ("staff", "/api/staff/auth/totp/enroll/", {"password": PASSWORD}),
        ("staff", "/api/staff/auth/totp/disable/", {"password": PASSWORD, "code": "123456"}),
        ("customer", "/api/customers/erase/", {"password": PASSWORD}),
    ],
)
async def test_the_password_of_whoever_has_the_address_by_now_proves_nothing(
    service: RunningService, staff_email: str, who: str, path: str, body: dict[str, str]
) -> None:
    await register(service)
    former = a_customer(email="ada@example.com") if who == "customer" else a_staff_member(email=staff_email)
    answer = await post(service, path, body, former)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_credentials")
