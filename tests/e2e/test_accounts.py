"""Accounts as people live with them: links in e-mails, invitations, a second factor, and being let go."""

import re
import time
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pyotp import TOTP
from shared.contracts.customers import AccessChanged

from .browser import PASSWORD, Browser, a_move
from .hiring import hire
from .test_faults import silent_broker
from .test_sessions import log_in
from .world import World

NEW_PASSWORD = "twelve moving vans"
USER, STAFF_USER, ACCOUNTS = "/api/customers/auth/user/", "/api/staff/auth/user/", "/api/staff/accounts/"
_TOKEN = re.compile(r"\?token=([A-Za-z0-9_-]{43})")


@pytest.fixture
async def admin(world: World) -> AsyncIterator[Browser]:
    async with Browser(world.stack) as visitor:
        await visitor.log_in_as_staff(await hire(world, "admin"))
        yield visitor


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _is_to(mail: EmailMessage, email: str) -> bool:
    return email in [address for _, address in getaddresses([str(mail["To"])])]


async def token_for(world: World, email: str, path: str) -> str:
    """The token of the newest link to this page in the person's mailbox."""

    async def arrived() -> list[str]:
        mails = [mail for mail in world.mails() if _is_to(mail, email) and f"/{path}?token=" in text_of(mail)]
        return [match[1] for mail in mails if (match := _TOKEN.search(text_of(mail)))]

    return str((await world.until(arrived, f"a link to {path} for {email}"))[-1])


async def put(browser: Browser, path: str, **change: Any) -> httpx.Response:
    return await browser.http.put(path, json=change, headers={"X-CSRFToken": browser.csrf_token})


def worked(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def staff_login(browser: Browser, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = await browser.post("/api/staff/auth/login/", {"email": email, "password": password})
    browser.csrf_token = answer.json().get("csrf_token", browser.csrf_token)
    return dict(answer.json())


async def join(world: World, admin: Browser, browser: Browser, role: str) -> dict[str, Any]:
    """Somebody is invited, follows the link, and logs in."""
    email = f"{role}-{uuid4().hex[:12]}@totetaxi.test"
    person = {"email": email, "first_name": "Kim", "last_name": "Lee", "role": role}
    account = worked(await admin.post(ACCOUNTS, person), 201)
    token = await token_for(world, email, "staff/accept-invitation")
    worked(await browser.post("/api/staff/auth/invite/accept/", {"token": token, "password": PASSWORD}))
    assert (await staff_login(browser, email))["staff_profile"]["role"] == role
    return dict(account)


async def test_a_confirmed_address_brings_the_guests_bookings(browser: Browser, world: World) -> None:
    guests = await browser.book()
    email = str(await world.value("booking", "SELECT email FROM bookings WHERE id = %s", guests.id))
    person = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Byron", "phone": "2125550123"}
    browser.csrf_token = worked(await browser.post("/api/customers/auth/register/", person), 201)["csrf_token"]
    assert worked(await browser.http.get("/api/customers/bookings/"))["count"] == 0
    token = await token_for(world, email, "verify-email")
    worked(await browser.post("/api/customers/auth/verify-email/", {"token": token}))
    assert worked(await browser.http.get(USER))["customer_profile"]["email_verified"]

    async def attached() -> set[str]:
        return {booking["id"] for booking in worked(await browser.http.get("/api/customers/bookings/"))["results"]}

    await world.until(attached, "the guest's booking to be the customer's")
    async with Browser(world.stack) as logged_out:
        move = a_move()
        again = await logged_out.book({**move, "customer_info": {**move["customer_info"], "email": email}})

        async def known() -> bool:
            return await attached() == {guests.id, again.id}

        await world.until(known, "what is booked without logging in later to be the customer's too")
        worked(await logged_out.pay(again.intent))
        assert worked(await logged_out.confirm(again.intent))["payment_status"] == "succeeded"


async def test_a_forgotten_password_is_replaced_and_the_sessions_end(browser: Browser, world: World) -> None:
    email = (await browser.register())["user"]["email"]
    async with Browser(world.stack) as elsewhere:
        worked(await elsewhere.post("/api/customers/auth/password-reset/", {"email": email}))
        token = await token_for(world, email, "reset-password")
        body = {"token": token, "new_password": NEW_PASSWORD}
        worked(await elsewhere.post("/api/customers/auth/password-reset/confirm/", body))
        assert (await browser.http.get(USER)).status_code == 401
        assert [await log_in(elsewhere, email, password) for password in (PASSWORD, NEW_PASSWORD)] == [400, 200]


async def test_whoever_is_let_go_or_gets_other_rights_is_out_at_once(
    admin: Browser, browser: Browser, world: World
) -> None:
    account = await join(world, admin, browser, "operator")
    for change in ({"permissions": {"view_reports": True}}, {"is_active": False}):
        assert (await browser.http.get(STAFF_USER)).status_code == 200
        worked(await put(admin, f"{ACCOUNTS}{account['id']}/", **change))
        assert (await browser.http.get(STAFF_USER)).status_code == 401
        again = await staff_login(browser, account["email"])
        assert ("session" in again, "staff_profile" in again) == (False, "permissions" in change)


async def test_whoever_is_let_go_is_out_everywhere_before_any_event_is_told(
    admin: Browser, browser: Browser, world: World
) -> None:
    account = await join(world, admin, browser, "operator")
    async with Browser(world.stack) as elsewhere:
        await staff_login(elsewhere, account["email"])
        with silent_broker(world):
            worked(await put(admin, f"{ACCOUNTS}{account['id']}/", is_active=False))

            async def ended() -> bool:
                return [(await one.http.get(STAFF_USER)).status_code for one in (browser, elsewhere)] == [401, 401]

            await world.until(ended, "both sessions to end", timeout=10)
            told = "SELECT published_at FROM outbox WHERE type = %s AND aggregate_id = %s ORDER BY id DESC LIMIT 1"
            assert await world.value("customers", told, AccessChanged.type, account["id"]) is None


async def test_a_second_factor_from_the_first_code_to_the_last_resort(
    admin: Browser, browser: Browser, world: World
) -> None:
    account = await join(world, admin, browser, "manager")
    secret = worked(await browser.post("/api/staff/auth/totp/enroll/", {"password": PASSWORD}))["secret"]
    app, before = TOTP(secret), browser.http.cookies["totetaxi_sessionid"]
    confirmed = worked(await browser.post("/api/staff/auth/totp/confirm/", {"code": app.now()}))
    browser.csrf_token = confirmed["csrf_token"]
    assert browser.http.cookies["totetaxi_sessionid"] != before
    worked(await browser.post("/api/staff/auth/logout/"))
    waiting = await staff_login(browser, account["email"])
    assert set(waiting) == {"totp_required", "login_token"}
    assert (await browser.http.get(STAFF_USER)).status_code == 401
    step = {"login_token": waiting["login_token"], "code": app.at(int(time.time()) + 30)}
    done = worked(await browser.post("/api/staff/auth/totp/verify/", step))
    assert ("session" in done, worked(await browser.http.get(STAFF_USER))["user"]["email"]) == (False, account["email"])
    browser.csrf_token = done["csrf_token"]
    worked(await browser.post("/api/staff/auth/logout/"))
    token = (await staff_login(browser, account["email"]))["login_token"]
    lost = {"login_token": token, "recovery_code": confirmed["recovery_codes"][0]}
    assert worked(await browser.post("/api/staff/auth/totp/recover/", lost))["recovery_codes_left"] == 9
