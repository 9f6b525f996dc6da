"""A price that staff change is shown and asked for everywhere, and never for what is booked already."""

from typing import Any
from uuid import uuid4

from .browser import Browser, a_move, some_day
from .world import World

ITEMS = "/api/staff/catalog/specialty-items/"
ZIPS = {"pickup_zip": "10001", "pickup_state": "NY", "delivery_zip": "10002", "delivery_state": "NY"}


def one_of(item: dict[str, Any]) -> dict[str, Any]:
    wanted = [{"item_type": item["item_type"], "quantity": 1}]
    return {"service_type": "specialty_item", "specialty_items": wanted, "pickup_date": some_day()}


async def quoted(browser: Browser, item: dict[str, Any]) -> float | None:
    """The price of one such item as anybody is quoted it; null while it is not sold."""
    answer = await browser.post("/api/bookings/pricing-preview/", one_of(item) | ZIPS)
    return answer.json()["base_price_dollars"] if answer.status_code == 200 else None


async def shown(browser: Browser, item: dict[str, Any]) -> int | None:
    """Its price on the public page, in cents; null while it is not there."""
    page = (await browser.http.get("/api/bookings/services/")).json()
    return next((one["price_cents"] for one in page["specialty_items"] if one["id"] == item["id"]), None)


async def until_live(world: World, browser: Browser, item: dict[str, Any], cents: int) -> None:
    async def is_live() -> bool:
        return await shown(browser, item) == cents and await quoted(browser, item) == cents / 100

    await world.until(is_live, f"a price of {cents} cents")


async def test_a_new_price_reaches_page_and_quotes_and_no_booking(world: World, browser: Browser) -> None:
    async with Browser(world.stack) as staff:
        await staff.log_in_as_admin(world.stack)
        csrf = {"X-CSRFToken": staff.csrf_token}
        new = {"item_type": f"thing_{uuid4().hex[:12]}", "name": "A thing", "price_cents": 10_000}
        item = (await staff.post(ITEMS, new)).json()
        await until_live(world, browser, item, 10_000)
        booked = await browser.book(a_move(**one_of(item), item_count=None))
        changed = await staff.http.put(f"{ITEMS}{item['id']}/", json={"price_cents": 12_300}, headers=csrf)
        assert changed.status_code == 200, changed.text
        await until_live(world, browser, item, 12_300)
        assert (await browser.status(booked))["total_price_dollars"] == booked.total_cents / 100
        await staff.http.delete(f"{ITEMS}{item['id']}/", headers=csrf)
