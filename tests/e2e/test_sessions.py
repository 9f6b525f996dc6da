"""Sessions follow their account: what a customer changes in one browser counts in all of them."""

from collections.abc import AsyncIterator

import pytest

from .browser import PASSWORD, Browser
from .world import World

NEW_PASSWORD = "twelve moving vans"
USER, PROFILE = "/api/customers/auth/user/", "/api/customers/profile/"


async def log_in(browser: Browser, email: str, password: str = PASSWORD) -> int:
    """The status of the answer; after a success the browser goes on as our pages do."""
    answer = await browser.post("/api/customers/auth/login/", {"email": email, "password": password})
    browser.csrf_token = answer.json().get("csrf_token", browser.csrf_token)
    return answer.status_code


async def change_password(browser: Browser) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = await browser.post("/api/customers/auth/password/", body)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"message", "csrf_token"}
    browser.csrf_token = answer.json()["csrf_token"]


async def contact_booked(browser: Browser, world: World) -> tuple[str, ...]:
    """Who is to be called, according to a booking that the browser makes now."""
    booked = await browser.book_as_customer()
    query = "SELECT first_name, last_name, phone FROM bookings WHERE id = %s"
    return tuple((await world.rows("booking", query, booked.id))[0].values())


async def until_the_change_of_access_is_handled(world: World, account_id: str) -> None:
    """The customers service has had the event, and the gateway has ended what it was asked to."""
    query = """
        SELECT 1 FROM outbox JOIN inbox USING (event_id)
        WHERE aggregate_id = %s AND type = 'account.access_changed.v1'
          AND NOT EXISTS (SELECT 1 FROM session_endings WHERE account_id = %s)
    """

    async def handled() -> bool:
        return bool(await world.rows("customers", query, account_id, account_id))

    await world.until(handled, "the change of access to be handled")


@pytest.fixture
async def phone(world: World) -> AsyncIterator[Browser]:
    async with Browser(world.stack) as visitor:
        yield visitor


async def test_a_changed_profile_is_in_the_next_booking_of_every_browser(
    browser: Browser, phone: Browser, world: World
) -> None:
    email = (await browser.register())["user"]["email"]
    assert await log_in(phone, email) == 200
    for changing, name in ((browser, "Amazing"), (phone, "Admiral")):
        change = {"first_name": name, "phone": "+12125550142"}
        answer = await changing.http.put(PROFILE, json=change, headers={"X-CSRFToken": changing.csrf_token})
        assert (answer.status_code, "session" in answer.json()) == (200, False)
        for booking in (browser, phone):
            assert await contact_booked(booking, world) == (name, "Hopper", "+12125550142")


async def test_what_the_office_corrects_is_in_the_next_booking(browser: Browser, phone: Browser, world: World) -> None:
    customer = (await browser.register())["customer_profile"]
    await phone.log_in_as_admin(world.stack)
    path, change = f"/api/staff/customers/{customer['id']}/", {"phone": "+12125550177", "version": customer["version"]}
    answer = await phone.http.put(path, json=change, headers={"X-CSRFToken": phone.csrf_token})
    assert answer.status_code == 200, answer.text

    async def told() -> bool:
        return not await world.rows("customers", "SELECT 1 FROM session_refreshes")

    await world.until(told, "the sessions to be told")
    assert (await contact_booked(browser, world))[2] == "+12125550177"


async def test_a_changed_password_ends_all_sessions_but_the_own(browser: Browser, phone: Browser, world: World) -> None:
    user = (await browser.register())["user"]
    assert await log_in(phone, user["email"]) == 200
    cookie = browser.http.cookies["totetaxi_sessionid"]
    await change_password(browser)
    assert browser.http.cookies["totetaxi_sessionid"] != cookie
    assert (await phone.http.get(USER)).status_code == 401
    await until_the_change_of_access_is_handled(world, user["id"])
    assert (await browser.http.get(USER)).status_code == 200
    assert (await browser.post("/api/customers/auth/logout/")).status_code == 200
    assert [await log_in(phone, user["email"], password) for password in (PASSWORD, NEW_PASSWORD)] == [400, 200]
