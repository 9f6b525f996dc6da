import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from customers.adapters.secret_tables import recovery_codes, second_factors
from customers.adapters.tables import staff_audit
from customers.adapters.totp import step_of
from customers.service import SERVICE
from httpx import Response
from pyotp import TOTP
from shared.contracts.customers import AccessChanged
from shared.http.identity import Caller
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, a_staff_member, running
from sqlalchemy import func, select

from ..factories import PASSWORD, hire, log_in, opened, post, reset_links

STEP = timedelta(seconds=30)
EMAIL = "sam@totetaxi.test"


@dataclass
class App:
    """The app on a staff member's phone."""

    service: RunningService
    clock: MovableClock
    caller: Caller
    totp: TOTP
    recovery_codes: list[str]
    confirmation: dict[str, Any]

    def code(self, steps: int = 0) -> str:
        return self.totp.at(self.clock.now + steps * STEP)

    def wrong_code(self) -> str:
        right = {self.code(steps) for steps in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)

    async def begin_login(self) -> str:
        answer = await log_in(self.service, self.caller.email, who="staff")
        assert set(answer.json()) == {"totp_required", "login_token"}, answer.text
        return str(answer.json()["login_token"])

    async def verify(self, token: str, code: str) -> Response:
        return await totp(self.service, "verify", {"login_token": token, "code": code})

    async def recover(self, token: str, code: str) -> Response:
        return await totp(self.service, "recover", {"login_token": token, "recovery_code": code})


async def totp(service: RunningService, what: str, body: Any, caller: Caller | None = None) -> Response:
    return await post(service, f"/api/staff/auth/totp/{what}/", body, caller)


async def set_up(service: RunningService, clock: MovableClock, caller: Caller) -> App:
    enrolled = await totp(service, "enroll", {"password": PASSWORD}, caller)
    assert enrolled.status_code == 200, enrolled.text
    app = TOTP(enrolled.json()["secret"])
    assert enrolled.json()["provisioning_uri"].startswith("otpauth://totp/")
    confirmed = await totp(service, "confirm", {"code": app.at(clock.now)}, caller)
    assert confirmed.status_code == 200, confirmed.text
    return App(service, clock, caller, app, confirmed.json()["recovery_codes"], confirmed.json())


@pytest.fixture
async def app(service: RunningService, clock: MovableClock) -> App:
    """That of an operator, who need not have one; its first code was used to confirm it."""
    staff_id = await hire(service, EMAIL, "operator")
    app = await set_up(service, clock, a_staff_member(id=staff_id, email=EMAIL))
    clock.now += STEP
    return app


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


async def audited(service: RunningService) -> list[str]:
    rows = await service.database.fetch_all(select(staff_audit.c.description).order_by(staff_audit.c.id))
    return [row.description for row in rows]


async def test_a_login_takes_a_code_after_the_password(app: App) -> None:
    token = await app.begin_login()
    assert told(await app.verify(token, app.wrong_code())) == (400, "invalid_code")
    done = await app.verify(token, app.code())
    assert (done.status_code, done.json()["staff_profile"]["totp_enabled"]) == (200, True)
    assert done.json()["session"]["account_id"] == str(app.caller.id)
    assert (done.json()["session"]["access_version"], done.json()["message"]) == (2, "Login successful")
    assert await audited(app.service) == [
        "Account created on the command line",
        "Second factor set up",
        "Logged in with the second factor",
    ]


async def test_confirming_ends_the_other_sessions_and_shows_ten_recovery_codes(app: App) -> None:
    assert app.confirmation["session"]["access_version"] == 2
    assert len(set(app.recovery_codes)) == 10
    ended = AccessChanged(account_id=UUID(str(app.caller.id)), access_version=2, reason="second_factor_changed")
    assert await app.service.events(AccessChanged) == [ended]


async def test_neither_secret_nor_recovery_codes_are_kept_as_they_are(app: App) -> None:
    kept = [
        row for table in (second_factors, recovery_codes) for row in await app.service.database.fetch_all(select(table))
    ]
    text = str([tuple(row) for row in kept])
    assert len(kept) == 11
    assert not any(secret in text for secret in (app.totp.secret, *app.recovery_codes))


async def test_a_code_counts_once(app: App) -> None:
    first, second = await app.begin_login(), await app.begin_login()
    code = app.code()
    answers = await asyncio.gather(*(app.verify(token, code) for token in (first, second)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 1}
    app.clock.now += STEP
    left = second if answers[0].status_code == 200 else first
    assert told(await app.verify(left, code)) == (400, "invalid_code")
    assert (await app.verify(left, app.code())).status_code == 200


async def test_the_code_that_confirmed_the_app_is_used(app: App) -> None:
    app.clock.now -= STEP
    assert told(await app.verify(await app.begin_login(), app.code())) == (400, "invalid_code")


@pytest.mark.parametrize(("steps", "status"), [(-2, 400), (1, 200), (2, 400)])
async def test_the_phones_clock_may_be_half_a_minute_off(app: App, steps: int, status: int) -> None:
    app.clock.now += 5 * STEP
    assert (await app.verify(await app.begin_login(), app.code(steps))).status_code == status


async def test_a_login_token_counts_once_and_for_five_minutes(app: App) -> None:
    token = await app.begin_login()
    assert (await app.verify(token, app.code())).status_code == 200
    app.clock.now += STEP
    assert told(await app.verify(token, app.code())) == (400, "invalid_token")
    late = await app.begin_login()
    app.clock.now += timedelta(minutes=5)
    assert told(await app.verify(late, app.code())) == (400, "invalid_token")


async def test_a_login_that_waits_ends_with_a_change_of_access(app: App) -> None:
    token = await app.begin_login()
    (link,) = await reset_links(app.service, EMAIL, "staff")
    body = {"token": opened(link.token_sealed), "new_password": "eight green parrots"}
    assert (await post(app.service, "/api/staff/auth/password-reset/confirm/", body)).status_code == 200
    assert told(await app.verify(token, app.code())) == (400, "invalid_token")
    again = await log_in(app.service, EMAIL, "eight green parrots", "staff")
    assert again.json()["totp_required"]


async def test_of_many_guesses_at_once_ten_are_judged(app: App) -> None:
    token = await app.begin_login()
    answers = await asyncio.gather(*(app.verify(token, app.wrong_code()) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {400: 10, 423: 10}
    assert told(await app.verify(token, app.code())) == (423, "account_locked")
    assert (await log_in(app.service, EMAIL, who="staff")).headers["Retry-After"] == "900"


async def test_a_recovery_code_stands_in_for_the_phone_once(app: App) -> None:
    code = app.recovery_codes[3]
    first = await app.recover(await app.begin_login(), code.upper().replace("-", " "))
    assert (first.status_code, first.json()["recovery_codes_left"]) == (200, 9)
    token = await app.begin_login()
    assert told(await app.recover(token, code)) == (400, "invalid_code")
    assert (await app.recover(token, app.recovery_codes[4])).json()["recovery_codes_left"] == 8
    assert (await audited(app.service))[-1] == "Logged in with a recovery code"


async def test_another_phone_takes_the_place_of_the_first_once_it_is_confirmed(app: App) -> None:
    assert told(await totp(app.service, "enroll", {"password": PASSWORD}, app.caller)) == (400, "invalid_code")
    enrolled = await totp(app.service, "enroll", {"password": PASSWORD, "code": app.code()}, app.caller)
    other = TOTP(enrolled.json()["secret"])
    app.clock.now += STEP
    assert (await app.verify(await app.begin_login(), app.code())).status_code == 200
    app.clock.now += STEP
    confirmed = await totp(app.service, "confirm", {"code": other.at(app.clock.now)}, app.caller)
    assert not set(confirmed.json()["recovery_codes"]) & set(app.recovery_codes)
    app.clock.now += STEP
    token = await app.begin_login()
    assert told(await app.recover(token, app.recovery_codes[0])) == (400, "invalid_code")
    assert told(await app.verify(token, app.code())) == (400, "invalid_code")
    assert (await app.verify(token, other.at(app.clock.now))).status_code == 200


async def test_who_need_not_have_one_can_go_without_again(app: App) -> None:
    body = {"password": PASSWORD, "code": app.wrong_code()}
    assert told(await totp(app.service, "disable", body, app.caller)) == (400, "invalid_code")
    wrong = {"password": "wrong", "code": app.code()}
    assert told(await totp(app.service, "disable", wrong, app.caller)) == (400, "invalid_credentials")
    done = await totp(app.service, "disable", {"password": PASSWORD, "code": app.recovery_codes[0]}, app.caller)
    assert done.json()["session"]["access_version"] == 3
    assert "session" in (await log_in(app.service, EMAIL, who="staff")).json()
    body = {"password": PASSWORD, "code": app.code()}
    assert told(await totp(app.service, "disable", body, app.caller)) == (409, "no_second_factor")
    left = await app.service.database.fetch_one(select(func.count()).select_from(recovery_codes))
    assert left is not None
    assert left[0] == 0


async def test_nothing_is_set_up_without_the_password_or_confirmed_without_a_secret(
    service: RunningService, staff_email: str
) -> None:
    row = await log_in(service, staff_email, who="staff")
    caller = a_staff_member(id=UUID(row.json()["user"]["id"]), email=staff_email)
    assert told(await totp(service, "enroll", {"password": "wrong"}, caller)) == (400, "invalid_credentials")
    assert told(await totp(service, "confirm", {"code": "000000"}, caller)) == (400, "invalid_code")


@pytest.fixture
async def strict(database_factory: DatabaseFactory, clock: MovableClock) -> AsyncIterator[RunningService]:
    """The service where administrators need a second factor."""
    async with running(SERVICE, database_factory, clock, staff_totp_required=True) as service:
        yield service


@pytest.mark.parametrize(("role", "permissions"), [("admin", {}), ("operator", {"manage_staff": True})])
async def test_where_it_is_required_an_administrator_can_only_set_it_up(
    strict: RunningService, clock: MovableClock, role: str, permissions: dict[str, bool]
) -> None:
    staff_id = await hire(strict, EMAIL, role, permissions)
    first = (await log_in(strict, EMAIL, who="staff")).json()
    assert (first["session"]["permissions"], first["staff_profile"]["permissions"]) == ([], [])
    assert first["staff_profile"]["totp_setup_required"]
    app = await set_up(strict, clock, a_staff_member(id=staff_id, email=EMAIL))
    assert "manage_staff" in app.confirmation["session"]["permissions"]
    clock.now += STEP
    done = (await app.verify(await app.begin_login(), app.code())).json()
    assert "manage_staff" in done["session"]["permissions"]
    clock.now += STEP
    body = {"password": PASSWORD, "code": app.code()}
    assert told(await totp(strict, "disable", body, app.caller)) == (409, "second_factor_required")


async def test_without_one_another_password_gives_no_rights_either(strict: RunningService) -> None:
    caller = a_staff_member(id=await hire(strict, EMAIL, "admin"), email=EMAIL)
    body = {"current_password": PASSWORD, "new_password": "eight green parrots"}
    changed = await post(strict, "/api/staff/auth/password/", body, caller)
    assert changed.json()["session"]["permissions"] == []
    async with strict.as_caller(caller) as client:
        myself = (await client.get("/api/staff/auth/user/")).json()
    assert (myself["staff_profile"]["permissions"], myself["staff_profile"]["totp_setup_required"]) == ([], True)


async def test_others_may_go_without_where_administrators_need_one(strict: RunningService) -> None:
    await hire(strict, EMAIL, "manager")
    assert "view_reports" in (await log_in(strict, EMAIL, who="staff")).json()["session"]["permissions"]


def test_codes_are_those_of_other_apps(clock: MovableClock) -> None:
    # From the examples of the standard, with its secret "12345678901234567890".
    secret, times = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", {59: "287082", 1111111109: "081804", 2000000000: "279037"}
    for seconds, code in times.items():
        clock.now = clock.now.fromtimestamp(seconds, clock.now.tzinfo)
        assert step_of(secret, code, clock.now) == seconds // 30
