import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from customers.adapters.tables import accounts, login_failures, staff, staff_audit
from customers.commands.forget_old_failures import ForgetOldFailures
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import Row, func, select, update

from ..factories import PASSWORD, log_in, post, register

MINUTE = timedelta(minutes=1)


async def one(service: RunningService, statement: object) -> Row[tuple[object, ...]]:
    row = await service.database.fetch_one(statement)  # type: ignore[arg-type]
    assert row is not None
    return row


async def make_hashes_outdated(service: RunningService) -> None:
    outdated = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with service.database.transaction() as connection:
        await connection.execute(update(accounts).values(password_hash=outdated))


async def fail(service: RunningService, email: str, times: int, who: str = "customers") -> list[int]:
    return [(await log_in(service, email, "wrong", who)).status_code for _ in range(times)]


async def test_a_customer_logs_in_whatever_the_case_of_the_address(service: RunningService) -> None:
    customer_id = await register(service)
    answer = await log_in(service, "ADA@example.com")
    assert answer.status_code == 200
    assert answer.json()["message"] == "Login successful"
    assert answer.json()["session"]["account_id"] == str(customer_id)


async def test_unknown_addresses_and_wrong_passwords_get_the_same_answer(service: RunningService) -> None:
    await register(service)
    answers = [await log_in(service, email, "wrong") for email in ("ada@example.com", "nobody@example.com")]
    assert [answer.status_code for answer in answers] == [400, 400]
    first, second = ({**answer.json(), "timestamp": ""} for answer in answers)
    assert first == second
    assert first["error_code"] == "invalid_credentials"


async def test_staff_are_told_at_the_customers_door_only_if_the_password_is_right(
    service: RunningService, staff_email: str
) -> None:
    right, wrong = await log_in(service, staff_email), await log_in(service, staff_email, "wrong")
    assert (right.status_code, right.json()["error_code"]) == (403, "staff_account")
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "invalid_credentials")


async def test_customers_are_told_at_the_staffs_door_only_if_the_password_is_right(service: RunningService) -> None:
    await register(service)
    right = await log_in(service, "ada@example.com", who="staff")
    wrong = await log_in(service, "ada@example.com", "wrong", who="staff")
    assert (right.status_code, right.json()["error_code"]) == (403, "customer_account")
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "invalid_credentials")


async def test_a_manager_logs_in_with_a_managers_permissions(service: RunningService, staff_email: str) -> None:
    body = (await log_in(service, staff_email, who="staff")).json()
    assert (body["staff_profile"]["role"], body["staff_profile"]["employee_id"]) == ("manager", "E-1")
    assert body["session"]["kind"] == "staff"
    assert {"refund_payments", "view_bookings"} <= set(body["session"]["permissions"])
    assert "manage_staff" not in body["session"]["permissions"]
    assert body["session"]["permissions"] == body["staff_profile"]["permissions"]


async def test_what_is_denied_to_one_person_is_not_in_the_session(service: RunningService, staff_email: str) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(update(staff).values(permissions={"refund_payments": False, "manage_staff": True}))
    permissions = (await log_in(service, staff_email, who="staff")).json()["session"]["permissions"]
    assert ("refund_payments" in permissions, "manage_staff" in permissions) == (False, True)


async def test_an_inactive_staff_account_can_not_log_in(service: RunningService, staff_email: str) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(update(staff).values(is_active=False))
    answer = await log_in(service, staff_email, who="staff")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_credentials")


async def test_login_and_logout_of_staff_are_in_the_audit_log(service: RunningService, staff_email: str) -> None:
    body = (await log_in(service, staff_email, who="staff")).json()
    caller = replace(a_staff_member(id=body["user"]["id"]), ip="203.0.113.99", ua="Firefox")
    assert (await post(service, "/api/staff/auth/logout/", {}, caller)).status_code == 200
    columns = select(staff_audit.c.action_type, staff_audit.c.ip_address, staff_audit.c.user_agent)
    rows = await service.database.fetch_all(columns.order_by(staff_audit.c.id))
    assert [row.action_type for row in rows] == ["staff_updated", "login", "logout"]
    assert tuple(rows[-1])[1:] == ("203.0.113.99", "Firefox")


async def test_a_customer_logs_out(service: RunningService) -> None:
    answer = await post(service, "/api/customers/auth/logout/", {}, a_customer())
    assert (answer.status_code, answer.json()) == (200, {"message": "Logged out successfully"})


@pytest.mark.parametrize("who", ["customers", "staff"])
@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_ten_failures_lock_the_login_of_any_address(service: RunningService, email: str, who: str) -> None:
    await register(service)
    assert await fail(service, email, 10, who) == [400] * 10
    locked = await log_in(service, email)
    assert (locked.status_code, locked.json()["error_code"]) == (423, "account_locked")
    assert locked.headers["Retry-After"] == "900"


async def test_a_lock_ends_after_fifteen_minutes_and_only_for_its_own_address(
    service: RunningService, clock: MovableClock
) -> None:
    await register(service)
    await register(service, email="bob@example.com")
    await fail(service, "ADA@example.com", 10)
    assert (await log_in(service, "bob@example.com")).status_code == 200
    clock.now += 15 * MINUTE - timedelta(seconds=1)
    assert (await log_in(service, "ada@example.com")).headers["Retry-After"] == "1"
    clock.now += timedelta(seconds=1)
    assert (await log_in(service, "ada@example.com")).status_code == 200


async def test_failures_are_counted_over_the_last_fifteen_minutes(service: RunningService, clock: MovableClock) -> None:
    await register(service)
    assert await fail(service, "ada@example.com", 9) == [400] * 9
    clock.now += 15 * MINUTE
    assert await fail(service, "ada@example.com", 9) == [400] * 9
    assert (await log_in(service, "ada@example.com")).status_code == 200


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_of_many_wrong_guesses_at_once_ten_are_judged(service: RunningService, email: str) -> None:
    await register(service)
    answers = await asyncio.gather(*(log_in(service, email, "wrong") for _ in range(30)))
    assert Counter(answer.status_code for answer in answers) == {400: 10, 423: 20}


async def test_a_right_guess_after_ten_wrong_ones_tells_nothing(service: RunningService) -> None:
    await register(service)
    guesses = ["wrong"] * 25 + [PASSWORD]
    answers = await asyncio.gather(*(log_in(service, "ada@example.com", guess) for guess in guesses))
    judged = Counter(answer.status_code for answer in answers)
    assert judged[400] == 10
    assert judged[423] + judged[200] == 16
    assert (await log_in(service, "ada@example.com")).status_code == 423


async def test_many_right_logins_at_once_lock_nothing(service: RunningService) -> None:
    await register(service)
    answers = await asyncio.gather(*(log_in(service, "ada@example.com") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}


async def test_failures_that_no_longer_count_are_forgotten(service: RunningService, clock: MovableClock) -> None:
    await fail(service, "nobody@example.com", 1)
    await service.commands.execute(ForgetOldFailures())
    assert (await one(service, select(func.count()).select_from(login_failures)))[0] == 1
    clock.now += 16 * MINUTE
    await service.run_job("forget-failures")
    assert (await one(service, select(func.count()).select_from(login_failures)))[0] == 0


async def test_a_login_renews_a_hash_of_other_parameters(service: RunningService) -> None:
    await register(service)
    await make_hashes_outdated(service)
    answers = await asyncio.gather(*(log_in(service, "ada@example.com") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    renewed = str((await one(service, select(accounts.c.password_hash)))[0])
    assert extract_parameters(renewed).memory_cost == 19 * 1024
    assert (await log_in(service, "ada@example.com")).status_code == 200


async def test_a_password_whose_hash_is_outdated_can_be_changed(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    await make_hashes_outdated(service)
    change = {"current_password": PASSWORD, "new_password": "eight green parrots"}
    assert (await post(service, "/api/customers/auth/password/", change, me)).status_code == 200
    assert (await log_in(service, "ada@example.com", "eight green parrots")).status_code == 200
