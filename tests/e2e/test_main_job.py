"""A guest or a customer books, pays, and everything follows by itself."""

from .browser import DECLINED, Browser, a_move, in_days
from .test_faults import check_invariants
from .world import World


async def test_a_guest_books_pays_and_gets_one_confirmation(browser: Browser, world: World) -> None:
    booked = await browser.book()
    assert (booked.answer["booking"]["status"], booked.total_cents) == ("pending", 40500)
    assert (await browser.pay(booked.intent)).json()["status"] == "succeeded"
    await world.until_status(booked, "paid")
    await world.until_quiet()
    assert world.confirmations()[booked.number] == 1
    assert (await browser.status(booked))["status"] == "paid"


async def test_a_customers_paid_booking_is_counted_once(browser: Browser, world: World) -> None:
    await browser.register()
    booked = await browser.book_as_customer()
    await browser.pay(booked.intent)
    confirmed = await browser.confirm(booked.intent)
    assert (confirmed.status_code, confirmed.json()["payment_status"]) == (200, "succeeded")
    await world.until_status(booked, "paid")
    await world.until_quiet()
    stats = (await browser.http.get("/api/customers/profile/")).json()["booking_stats"]
    assert (stats["total_bookings"], stats["total_spent_cents"]) == (1, booked.total_cents)


async def test_after_a_declined_card_another_one_pays_the_same_intent(browser: Browser, world: World) -> None:
    booked = await browser.book()
    declined = await browser.pay(booked.intent, DECLINED)
    assert declined.status_code == 402
    assert (await world.booking_status(booked)) == "pending"
    assert (await browser.pay(booked.intent)).status_code == 200
    await world.until_status(booked, "paid")
    assert len(await world.intents_of(booked)) == 1


async def test_each_service_type_costs_what_the_preview_said(browser: Browser) -> None:
    moves = [
        {"service_type": "standard_delivery", "item_count": 2},
        {"service_type": "mini_move", "package_type": "petite", "include_packing": True, "coi_required": True},
        {"service_type": "specialty_item", "specialty_items": [{"item_type": "peloton", "quantity": 1}]},
    ]
    for move in moves:
        details = {**move, "pickup_date": in_days(40), "pickup_time": "morning"}
        zips = {"pickup_zip": "10001", "pickup_state": "NY", "delivery_zip": "11954", "delivery_state": "NY"}
        preview = (await browser.post("/api/bookings/pricing-preview/", details | zips)).json()
        body = a_move()
        booked = await browser.book(body | {"service_details": details, "quote_token": preview["quote_token"]})
        assert booked.total_cents == preview["breakdown"]["total_price_cents"]


async def test_a_cancelled_booking_is_refunded_and_the_ledger_owes_nothing(browser: Browser, world: World) -> None:
    booked = await browser.book()
    await browser.pay(booked.intent)
    await world.until_status(booked, "paid")
    path = f"/api/bookings/booking-status/{booked.number}/cancel/"
    assert (await browser.post(path, {"manage_token": booked.manage_token})).status_code == 200
    query = "SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE booking_id = %s AND status = 'succeeded'"

    async def refunded() -> bool:
        return bool(await world.value("payments", query, booked.id) == booked.total_cents)

    await world.until(refunded, "the refund")


async def test_the_invariants_hold_and_only_admins_may_ask(browser: Browser, world: World) -> None:
    assert (await browser.http.get("/api/staff/ops/invariants/")).status_code == 401
    await browser.log_in_as_admin(world.stack)
    await world.until_quiet()
    await check_invariants(world)
    assert (await browser.http.get("/api/staff/ops/invariants/")).json()["checks"]
