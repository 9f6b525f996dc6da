"""Reports: sums of the ledger by business day, as JSON and CSV, for those who may see them, and audited."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from shared.contracts.booking import BookingCancelled, BookingUpdated
from shared.contracts.booking_state import Adjustment, PriceLines
from shared.contracts.customers import AuditRecorded
from shared.testing.service import MovableClock, a_customer, a_staff_member

from ..factories import TOTAL_CENTS, Shop, a_booking, later

NIGHT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
"""Late in the evening of the 22nd in New York."""

PRICES = PriceLines(base_price_cents=20_000, organizing_tax_cents=3_333, total_price_cents=TOTAL_CENTS)
MORE = 9_000
DAYS = "from=2026-11-22&to=2026-11-23"


async def get(shop: Shop, path: str, *permissions: str) -> httpx.Response:
    async with shop.service.as_caller(a_staff_member(*permissions or ("view_reports",))) as client:
        return await client.get(path)


@pytest.fixture
async def booking(shop: Shop, clock: MovableClock) -> Any:
    """Paid late on the 22nd in New York, a third of it given back on the 23rd."""
    clock.now = NIGHT
    booking = a_booking(prices=PRICES, service_type="mini_move")
    payment = await shop.paid(booking)
    shop.later(hours=2)
    await shop.request_refund(payment.id, TOTAL_CENTS // 3)
    await shop.work()
    return booking


async def test_the_statement_of_a_day_balances_by_account(shop: Shop, booking: Any) -> None:
    first = (await get(shop, "/api/staff/payments/statement/?date=2026-11-22")).json()
    second = (await get(shop, "/api/staff/payments/statement/?date=2026-11-23")).json()
    held = {account["account"]: account for account in second["accounts"]}
    assert (first["balanced"], second["balanced"]) == (True, True)
    assert held["stripe_balance"] == {
        "account": "stripe_balance", "opening_cents": TOTAL_CENTS, "debit_cents": 0,
        "credit_cents": TOTAL_CENTS // 3, "closing_cents": TOTAL_CENTS - TOTAL_CENTS // 3,
    }  # fmt: skip
    assert [entry["amount_cents"] for entry in first["entries"]] == [TOTAL_CENTS, -TOTAL_CENTS]
    assert {entry["booking_number"] for entry in second["entries"]} == {booking.booking_number}


async def test_revenue_is_what_came_in_without_what_went_back(shop: Shop, booking: Any) -> None:
    told = (await get(shop, f"/api/staff/reports/revenue/?{DAYS}")).json()
    rows = [(row["date"], row["service_type"], row["net_cents"]) for row in told["results"]]
    assert rows == [("2026-11-22", "mini_move", TOTAL_CENTS), ("2026-11-23", "mini_move", -TOTAL_CENTS // 3)]
    assert told["totals"]["net_cents"] == TOTAL_CENTS - TOTAL_CENTS // 3


async def test_days_without_any_money_come_to_nothing(shop: Shop) -> None:
    revenue, tax = [(await get(shop, f"/api/staff/reports/{name}/?{DAYS}")).json() for name in ("revenue", "tax")]
    assert revenue == {"results": [], "totals": {"charged_cents": 0, "refunded_cents": 0, "net_cents": 0}}
    assert tax == {"results": [], "totals": {"collected_cents": 0, "refunded_cents": 0, "net_cents": 0}}


async def test_tax_goes_back_in_proportion(shop: Shop, booking: Any) -> None:
    told = (await get(shop, f"/api/staff/reports/tax/?{DAYS}")).json()
    assert told["totals"] == {"collected_cents": 3_333, "refunded_cents": 1_111, "net_cents": 2_222}


async def test_the_tax_of_past_days_stays_whatever_becomes_of_the_price(shop: Shop, booking: Any) -> None:
    before = (await get(shop, f"/api/staff/reports/tax/?{DAYS}")).json()
    dearer = PRICES.model_copy(update={"surcharge_cents": 9_000, "total_price_cents": TOTAL_CENTS + 9_000})
    await shop.service.receive(BookingUpdated(booking=later(booking, prices=dearer)))
    assert (await get(shop, f"/api/staff/reports/tax/?{DAYS}")).json() == before


async def test_all_of_the_tax_goes_back_with_the_last_part_of_the_money(shop: Shop, clock: MovableClock) -> None:
    clock.now = NIGHT
    prices = PriceLines(base_price_cents=9_990, organizing_tax_cents=10, total_price_cents=10_000)
    payment = await shop.paid(a_booking(prices=prices, service_type="mini_move"))
    for cents in (2_500, 2_500, 2_500, 2_500):
        await shop.request_refund(payment.id, cents)
        await shop.work()
    told = (await get(shop, f"/api/staff/reports/tax/?{DAYS}")).json()
    assert told["totals"] == {"collected_cents": 10, "refunded_cents": 10, "net_cents": 0}


async def moved_to_a_dearer_day(shop: Shop, clock: MovableClock) -> Any:
    """Paid, and then moved to a day that costs more, which is not paid."""
    clock.now = NIGHT
    booking = a_booking(prices=PRICES, service_type="mini_move")
    await shop.paid(booking)
    prices = PRICES.model_copy(update={"surcharge_cents": MORE, "total_price_cents": TOTAL_CENTS + MORE})
    owed = (Adjustment(number=1, amount_cents=MORE),)
    moved = later(booking, status="paid", prices=prices, adjustments=owed, paid_cents=TOTAL_CENTS)
    await shop.service.receive(BookingUpdated(booking=moved))
    return moved


async def test_a_change_of_the_day_brings_no_tax_and_takes_none_along(shop: Shop, clock: MovableClock) -> None:
    moved = await moved_to_a_dearer_day(shop, clock)
    intent = await shop.intent(moved, "adjustment:1")
    await shop.pay(intent)
    await shop.confirm(intent)
    assert await taxes(shop) == (3_333, 0)
    paid = (Adjustment(number=1, amount_cents=MORE, status="paid"),)
    back = later(moved, prices=PRICES, adjustments=paid, paid_cents=TOTAL_CENTS + MORE)
    await shop.service.receive(BookingUpdated(booking=back))
    await shop.request_refund((await shop.payment_for(moved, "adjustment:1")).id, MORE)
    await shop.work()
    assert await taxes(shop) == (3_333, 0)


async def test_what_nobody_has_paid_for_a_change_changes_no_tax(shop: Shop, clock: MovableClock) -> None:
    moved = await moved_to_a_dearer_day(shop, clock)
    await shop.request_refund((await shop.payment(moved)).id, TOTAL_CENTS // 3)
    await shop.work()
    assert await taxes(shop) == (3_333, 1_111)


async def test_a_fee_that_was_never_paid_changes_no_tax_of_a_cancelled_booking(shop: Shop, clock: MovableClock) -> None:
    moved = await moved_to_a_dearer_day(shop, clock)
    void = (Adjustment(number=1, amount_cents=MORE, status="void"),)
    over = later(moved, status="cancelled", adjustments=void, paid_at=moved.created_at)
    await shop.service.receive(BookingCancelled(booking=over, refund_cents=TOTAL_CENTS // 3))
    await shop.request_refund((await shop.payment(moved)).id, TOTAL_CENTS // 3)
    await shop.work()
    assert await taxes(shop) == (3_333, 1_111)


async def taxes(shop: Shop) -> tuple[int, int]:
    told = (await get(shop, f"/api/staff/reports/tax/?{DAYS}")).json()["totals"]
    return told["collected_cents"], told["refunded_cents"]


async def test_all_come_as_tables_too_and_leave_audit_entries(shop: Shop, booking: Any) -> None:
    for path, first in (
        (f"reports/revenue/?{DAYS}", "date,service_type,payments,charged_cents,refunded_cents,net_cents"),
        (f"reports/tax/?{DAYS}", "date,collected_cents,refunded_cents,net_cents"),
        ("payments/statement/?date=2026-11-22", "booked_at,fact,account,amount_cents,booking_number,payment_id"),
    ):
        answer = await get(shop, f"/api/staff/{path}&format=csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.splitlines()[0] == first
        assert len(answer.text.splitlines()) > 1
    told = await shop.service.events(AuditRecorded)
    assert [event.action_type for event in told] == ["report_generated"] * 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["payments/statement/?date=2026-11-22", f"reports/tax/?{DAYS}"])
async def test_they_are_for_those_who_may_see_reports(shop: Shop, path: str) -> None:
    assert (await get(shop, f"/api/staff/{path}", "view_bookings")).status_code == 403
    async with shop.service.as_caller(a_customer()) as client:
        assert (await client.get(f"/api/staff/{path}")).status_code == 403


@pytest.mark.parametrize("days", ["from=2026-11-23&to=2026-11-22", "from=2025-01-01&to=2026-11-22", "from=x&to=y", ""])
async def test_days_that_make_no_sense_are_refused(shop: Shop, days: str) -> None:
    assert (await get(shop, f"/api/staff/reports/revenue/?{days}")).status_code == 400


async def test_refunds_are_found_by_day_booking_and_customer(shop: Shop, booking: Any) -> None:
    async def found(query: str) -> int:
        answer = await get(shop, f"/api/staff/refunds/?{query}", "view_bookings")
        return int(answer.json()["count"])

    assert await found("date_from=2026-11-23&date_to=2026-11-23") == 1
    assert await found("date_to=2026-11-22") == 0
    assert await found(f"booking={booking.booking_number}&customer=ADA@example.com&status=succeeded") == 1
    assert await found("customer=other@example.com") == 0
