"""What the moves of a booking mean for its money: refunds afterwards, fees, agreed prices, payments under way."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from booking.adapters.tables import bookings, refund_requests
from shared.contracts.booking import AlertRaised, BookingCancelled, BookingPaid, RefundRequested
from shared.contracts.payments import PaymentSucceeded, RefundCreated, RefundFailed
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import a_payment, a_refund, an_order, with_rules
from ..other_services import OtherServices
from .test_discounts import publish
from .test_invariants import proof
from .test_reschedule import DELIVERY, FEE, ON_SATURDAY, PATH, SATURDAY, TUESDAY, WEEKDAY, booked, move, paid

FAR = "2027-01-12"
TEN_HOURS_BEFORE = datetime(2026, 12, 2, 3, tzinfo=UTC)
THIRTY_HOURS_BEFORE = datetime(2026, 12, 1, 7, tzinfo=UTC)
OFFICE = a_staff_member("view_bookings", "manage_bookings", "override_price")


async def cancel(service: RunningService, caller: Any, booking: Any, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return (await client.post(f"{PATH}/{booking['id']}/cancel/", params=query)).json()["refund"]


async def staff_move(service: RunningService, booking: Any, day: str, **values: Any) -> Any:
    body = {"pickup_date": day, "pickup_time": "morning", **values}
    async with service.as_caller(OFFICE) as client:
        return await client.post(f"/api/staff/bookings/{booking['id']}/reschedule/", json=body)


async def asked_back(service: RunningService) -> int:
    rows = await service.database.fetch_all(select(refund_requests.c.amount_cents))
    return sum(row.amount_cents for row in rows)


async def test_a_late_move_gives_up_what_a_cancellation_would_have(
    service: RunningService, clock: MovableClock
) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = TEN_HOURS_BEFORE
    assert (await move(service, ada, booking, FAR)).json()["change"]["due_cents"] == FEE
    for query in ({"preview": "true"}, {}):
        refund = await cancel(service, ada, booking, **query)
        assert (refund["refund_percent"], refund["refund_cents"]) == (0, 0)
    assert await service.events(RefundRequested) == []


async def test_a_fee_that_was_not_paid_is_taken_off_the_refund(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = THIRTY_HOURS_BEFORE
    await move(service, ada, booking, FAR)
    expected = booking["total_price_cents"] // 2 - FEE
    assert (await cancel(service, ada, booking))["refund_cents"] == await asked_back(service) == expected
    [told] = await service.events(BookingCancelled)
    assert isinstance(told, BookingCancelled)
    assert told.refund_cents == expected


async def test_a_fee_that_was_paid_is_not_taken_twice(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = THIRTY_HOURS_BEFORE
    await move(service, ada, booking, FAR)
    fee = a_payment(booking, purpose="adjustment:1", amount_cents=FEE, captured_cents=FEE)
    await service.receive(PaymentSucceeded(payment=fee))
    assert (await cancel(service, ada, booking))["refund_cents"] == (booking["total_price_cents"] + FEE) // 2


async def test_what_a_dearer_day_costs_is_no_fee(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    await move(service, ada, booking, SATURDAY)
    assert (await cancel(service, ada, booking))["refund_cents"] == booking["total_price_cents"]


async def test_a_move_by_the_office_gives_up_nothing(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = TEN_HOURS_BEFORE
    await staff_move(service, booking, FAR, waive_fee=True)
    refund = await cancel(service, ada, booking)
    assert (refund["refund_percent"], refund["refund_cents"]) == (100, booking["total_price_cents"])


async def test_a_fee_of_the_office_is_taken_off_a_whole_refund_too(
    service: RunningService, clock: MovableClock
) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = TEN_HOURS_BEFORE
    await staff_move(service, booking, FAR)
    assert (await cancel(service, ada, booking))["refund_cents"] == booking["total_price_cents"] - FEE
    assert await asked_back(service) == booking["total_price_cents"] - FEE


async def test_the_company_gives_all_back_whatever_was_moved(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = TEN_HOURS_BEFORE
    moved = (await move(service, ada, booking, FAR)).json()["updated_booking"]
    body = {"version": moved["version"], "status": "cancelled", "reason": "No van."}
    async with service.as_caller(OFFICE) as client:
        await client.put(f"/api/staff/bookings/{booking['id']}/", json=body)
    [told] = await service.events(BookingCancelled)
    assert isinstance(told, BookingCancelled)
    assert told.refund_cents == booking["total_price_cents"]


async def test_who_had_paid_nothing_gives_up_nothing_by_a_late_move(
    service: RunningService, clock: MovableClock
) -> None:
    """Cancelling and booking anew would have cost nothing either."""
    ada = a_customer()
    booking = await booked(service, ada, pickup_date="2026-11-24")
    moved = (await move(service, ada, booking, FAR)).json()["updated_booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(moved)))
    assert (await cancel(service, ada, booking))["refund_percent"] == 100


async def test_a_payment_under_way_while_a_move_makes_it_free_goes_back(service: RunningService) -> None:
    ada = a_customer()
    await publish(service, discount_type="fixed", value="40500")
    booking = await booked(service, ada, pickup_date=SATURDAY, discount_code="save10")
    moved = (await move(service, ada, booking, TUESDAY)).json()["updated_booking"]
    assert (booking["total_price_cents"], moved["total_price_cents"], moved["status"]) == (ON_SATURDAY, 0, "paid")
    payment = a_payment(booking)
    for _ in range(2):
        await service.receive(PaymentSucceeded(payment=payment))
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    assert (wanted.payment_id, wanted.amount_cents) == (payment.id, None)
    assert wanted.booking.paid_cents == ON_SATURDAY
    assert all(check["ok"] for check in (await proof(service))["checks"])
    assert (await cancel(service, ada, booking))["refund_cents"] == 0


async def test_a_refund_that_can_not_come_is_not_announced(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada, pickup_date=SATURDAY)
    payment = a_payment(booking)
    await service.receive(PaymentSucceeded(payment=payment))
    back = a_refund(payment, requested_by="staff", status="pending", amount_cents=payment.captured_cents - 2_000)
    await service.receive(RefundCreated(refund=back, payment=payment))
    change = (await move(service, ada, booking, TUESDAY)).json()["change"]
    assert change["refund_cents"] == await asked_back(service) == 2_000


async def with_failed_return(service: RunningService, ada: Any) -> tuple[Any, int]:
    """A paid booking that became cheaper, and how many cents of it Stripe could not give back."""
    booking = await booked(service, ada, pickup_date=SATURDAY)
    payment = a_payment(booking)
    await service.receive(PaymentSucceeded(payment=payment))
    moved = (await move(service, ada, booking, TUESDAY)).json()["updated_booking"]
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    cents = wanted.amount_cents or 0
    failed = a_refund(payment, request_id=wanted.request_id, status="failed", amount_cents=cents)
    await service.receive(RefundFailed(refund=failed, payment=payment))
    return moved, cents


async def test_a_difference_whose_refund_failed_goes_back_with_the_cancellation(service: RunningService) -> None:
    ada = a_customer()
    moved, failed = await with_failed_return(service, ada)
    assert failed > 0
    assert (await cancel(service, ada, moved))["refund_cents"] == moved["total_price_cents"] + failed


async def test_a_difference_whose_refund_failed_goes_back_whole_whatever_the_policy(
    service: RunningService, clock: MovableClock
) -> None:
    ada = a_customer()
    moved, failed = await with_failed_return(service, ada)
    clock.now = datetime.fromisoformat(moved["window_start"]) - timedelta(hours=30)
    assert (await cancel(service, ada, moved))["refund_cents"] == moved["total_price_cents"] // 2 + failed
    [told] = await service.events(BookingCancelled)
    assert isinstance(told, BookingCancelled)
    assert told.kept_cents == moved["total_price_cents"] - moved["total_price_cents"] // 2


async def test_a_difference_whose_refund_failed_pays_for_the_next_move(service: RunningService) -> None:
    ada = a_customer()
    moved, failed = await with_failed_return(service, ada)
    dearer = (await move(service, ada, moved, SATURDAY)).json()["change"]
    assert (dearer["difference_cents"], dearer["due_cents"], dearer["refund_cents"]) == (failed, 0, 0)
    cheaper = (await move(service, ada, moved, TUESDAY)).json()["change"]
    assert (cheaper["due_cents"], cheaper["refund_cents"]) == (0, failed)


async def agreed(service: RunningService, cents: int) -> dict[str, Any]:
    order = an_order(details={**DELIVERY, "pickup_date": WEEKDAY})
    body = {**order, "price_override_cents": cents, "price_override_reason": "Neighbours."}
    async with service.as_caller(OFFICE) as client:
        answer = (await client.post("/api/staff/bookings/create/", json=body)).json()
    booking: dict[str, Any] = answer["booking"]
    return booking


@pytest.mark.parametrize("total", [10_000, 0, 40_500, 50_000])
async def test_an_agreed_price_survives_every_move(service: RunningService, total: int) -> None:
    booking = await agreed(service, total)
    for day in (SATURDAY, TUESDAY, SATURDAY):
        answer = await staff_move(service, booking, day)
        pricing = answer.json()["pricing"]
        assert pricing["total_price_cents"] == total
        assert adds_up(pricing)
        [line] = [one for one in pricing["explanations"] if one["line"] == "price_override"]
        assert line["amount_cents"] == pricing["price_override_cents"]


async def test_fees_come_on_top_of_an_agreed_price(service: RunningService, clock: MovableClock) -> None:
    booking = await agreed(service, 10_000)
    clock.now = TEN_HOURS_BEFORE
    for day, fees in ((SATURDAY, FEE), (TUESDAY, FEE)):
        pricing = (await staff_move(service, booking, day)).json()["pricing"]
        assert (pricing["total_price_cents"], adds_up(pricing)) == (10_000 + fees, True)
    async with service.as_caller(OFFICE) as client:
        replayed = (await client.get(f"/api/staff/bookings/{booking['id']}/price/replay/")).json()
    assert replayed["agrees"], replayed


def adds_up(pricing: dict[str, Any]) -> bool:
    parts = pricing["subtotal_cents"] - pricing["discount_cents"] + pricing["price_override_cents"]
    return bool(parts - pricing["waived_cents"] == pricing["total_price_cents"])


@pytest.fixture
def saturdays_cost_thirty_cents(others: OtherServices) -> None:
    saturday = {
        "surcharge_type": "weekend", "name": "Saturday", "applies_to_service_type": "all",
        "calculation_type": "fixed_amount", "fixed_amount_cents": 30, "applies_saturday": True,
        "applies_sunday": False,
    }  # fmt: skip
    others.catalog = with_rules(saturday).model_dump(mode="json")


async def test_a_difference_too_small_for_a_card_is_waived(
    saturdays_cost_thirty_cents: None, service: RunningService
) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    body = (await move(service, ada, booking, SATURDAY)).json()
    assert (body["updated_booking"]["pickup_date"], body["change"]["due_cents"]) == (SATURDAY, 0)
    pricing = body["pricing"]
    assert (pricing["surcharge_cents"], pricing["waived_cents"], adds_up(pricing)) == (30, 30, True)
    assert pricing["total_price_cents"] == booking["total_price_cents"]
    async with service.as_caller(OFFICE) as client:
        assert (await client.get(f"/api/staff/bookings/{booking['id']}/price/replay/")).json()["agrees"]
    back = (await move(service, ada, booking, WEEKDAY)).json()["change"]
    assert (back["refund_cents"], back["due_cents"], back["difference_cents"]) == (0, 0, 0)


async def test_a_payment_of_a_price_that_is_cents_less_by_now_is_enough(
    saturdays_cost_thirty_cents: None, service: RunningService
) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    await move(service, ada, booking, SATURDAY)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    [told] = await service.events(BookingPaid)
    assert isinstance(told, BookingPaid)
    assert (told.booking.total_cents, told.booking.paid_cents) == (booking["total_price_cents"],) * 2
    assert await service.events(AlertRaised) == []


@pytest.mark.parametrize(("day", "to", "owed", "back"), [(WEEKDAY, SATURDAY, 5_000, 0), (SATURDAY, TUESDAY, 0, 5_000)])
async def test_a_move_against_its_payment_is_settled_whichever_is_first(
    service: RunningService, day: str, to: str, owed: int, back: int
) -> None:
    ada = a_customer()
    tries = [await booked(service, ada, pickup_date=day) for _ in range(25)]
    moves = [move(service, ada, booking, to) for booking in tries]
    pays = [service.receive(PaymentSucceeded(payment=a_payment(booking))) for booking in tries]
    await asyncio.gather(*(step for pair in zip(moves, pays, strict=True) for step in pair))
    for row in await service.database.fetch_all(select(bookings)):
        assert (row.status, row.pickup_date.isoformat(), row.paid_cents - row.returned_cents + owed) == (
            "paid", to, row.total_price_cents
        )  # fmt: skip
        assert [one["amount_cents"] for one in row.adjustments if one["status"] == "open"] == ([owed] if owed else [])
    assert await asked_back(service) == 25 * back
