"""What is still to be paid: shown to staff and customers, counted, asked for again, and only as long as it can be."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from booking.adapters.tables import bookings
from shared.contracts.booking import BookingExpired, PaymentLinkRequested
from shared.contracts.payments import PaymentSucceeded
from shared.testing.service import MovableClock, RunningService, a_customer, a_service, a_staff_member
from sqlalchemy import select

from ..factories import NOW, a_payment, an_order
from ..other_services import OtherServices
from .test_reschedule import ON_SATURDAY, SATURDAY, TUESDAY, WEEKDAY, booked, move, paid, read

OFFICE = a_staff_member("view_bookings", "manage_bookings", "view_reports")
STAFF = "/api/staff/bookings/"
TODAYS_WINDOW_ENDS = datetime(2026, 11, 23, 16, tzinfo=UTC)


async def get(service: RunningService, path: str, **query: Any) -> Any:
    async with service.as_caller(OFFICE) as client:
        return await client.get(path, params=query)


async def ask_again(service: RunningService, booking: Any) -> Any:
    async with service.as_caller(OFFICE) as client:
        return await client.post(f"{STAFF}{booking['id']}/payment-link/")


async def owing(service: RunningService, ada: Any) -> dict[str, Any]:
    """A paid booking that moved to a Saturday, which costs more."""
    booking = await paid(service, ada)
    await move(service, ada, booking, SATURDAY)
    return booking


async def test_staff_see_what_a_move_still_costs(service: RunningService) -> None:
    booking = await owing(service, a_customer())
    details = (await get(service, f"{STAFF}{booking['id']}/")).json()["complete_booking_details"]
    assert details["amount_due_cents"] == ON_SATURDAY
    assert details["adjustments"] == [
        {"number": 1, "amount_cents": ON_SATURDAY, "amount_dollars": 50, "status": "open", "payment_id": None}
    ]
    [listed] = (await get(service, STAFF)).json()["results"]
    assert (listed["amount_due_cents"], listed["payment_status"]) == (ON_SATURDAY, "succeeded")
    [row] = csv.DictReader(io.StringIO((await get(service, STAFF, format="csv")).text))
    assert row["amount_due_cents"] == str(ON_SATURDAY)


async def test_who_booked_sees_what_is_due(service: RunningService) -> None:
    ada = a_customer()
    waiting, booking = await booked(service, ada), await owing(service, ada)
    assert (await read(service, ada, waiting))["booking_details"]["amount_due_cents"] == waiting["total_price_cents"]
    assert (await read(service, ada, booking))["booking_details"]["amount_due_cents"] == ON_SATURDAY
    path = f"/api/bookings/booking-status/{booking['booking_number']}/"
    async with service.as_caller() as client:
        assert (await client.get(path, params={"email": ada.email})).json()["amount_due_cents"] == ON_SATURDAY
        assert "amount_due_cents" not in (await client.get(path)).json()


async def test_nothing_is_due_once_it_is_paid_or_over(service: RunningService) -> None:
    ada = a_customer()
    booking, over = await owing(service, ada), await owing(service, ada)
    extra = a_payment(booking, purpose="adjustment:1", amount_cents=ON_SATURDAY, captured_cents=ON_SATURDAY)
    await service.receive(PaymentSucceeded(payment=extra))
    async with service.as_caller(ada) as client:
        await client.post(f"/api/customers/bookings/{over['id']}/cancel/")
    dues = [one["amount_due_cents"] for one in (await get(service, STAFF)).json()["results"]]
    assert dues == [0, 0]


async def test_what_moves_cost_is_outstanding_and_due(service: RunningService, clock: MovableClock) -> None:
    booking, waiting = await owing(service, a_customer()), await booked(service, a_customer(), pickup_date=TUESDAY)
    clock.now = datetime(2026, 12, 4, 15, tzinfo=UTC)
    shown = (await get(service, "/api/staff/dashboard/")).json()
    assert shown["revenue_metrics"]["outstanding_cents"] == waiting["total_price_cents"] + ON_SATURDAY
    [warning] = shown["alerts"]
    assert (warning["kind"], warning["booking_id"]) == ("unpaid_due", booking["id"])
    assert "$50.00 are not paid" in warning["message"]


async def test_the_link_is_sent_again_for_what_a_move_costs(service: RunningService) -> None:
    booking = await owing(service, a_customer())
    assert (await ask_again(service, booking)).status_code == 200
    [asked] = await service.events(PaymentLinkRequested)
    assert isinstance(asked, PaymentLinkRequested)
    assert [(one.amount_cents, one.status) for one in asked.booking.adjustments] == [(ON_SATURDAY, "open")]


async def test_there_is_no_link_where_nothing_is_due(service: RunningService) -> None:
    answer = await ask_again(service, await paid(service, a_customer()))
    problem = answer.json()
    assert (problem["error_code"], problem["status"], problem["booking_status"]) == ("nothing_to_pay", 409, "paid")


async def test_an_unpaid_booking_ends_with_its_window(service: RunningService, clock: MovableClock) -> None:
    booking = await booked(service, a_customer(), pickup_date="2026-11-23")
    assert datetime.fromisoformat(booking["expires_at"]) == TODAYS_WINDOW_ENDS
    clock.now = TODAYS_WINDOW_ENDS
    await service.run_job("expire-unpaid")
    assert [str(event.aggregate_id) for event in await service.events(BookingExpired)] == [booking["id"]]


async def test_a_booking_of_the_office_waits_three_days_at_most_to_its_window(service: RunningService) -> None:
    async with service.as_caller(OFFICE) as client:
        for day, ends in (("2026-11-23", TODAYS_WINDOW_ENDS), (WEEKDAY, NOW + timedelta(hours=72))):
            answer = await client.post(f"{STAFF}create/", json=an_order(details={"pickup_date": day}))
            assert datetime.fromisoformat(answer.json()["booking"]["expires_at"]) == ends


async def test_a_move_gives_the_time_to_pay_that_its_new_window_leaves(
    service: RunningService, clock: MovableClock
) -> None:
    ada = a_customer()
    clock.now = early = TODAYS_WINDOW_ENDS - timedelta(hours=4)
    booking = await booked(service, ada, pickup_date="2026-11-23")
    moved = (await move(service, ada, booking, WEEKDAY)).json()["updated_booking"]
    assert datetime.fromisoformat(moved["expires_at"]) == early + timedelta(hours=24)
    again = (await move(service, ada, booking, "2026-11-23")).json()["updated_booking"]
    assert datetime.fromisoformat(again["expires_at"]) == TODAYS_WINDOW_ENDS


async def test_no_place_and_no_intent_for_what_can_not_be_paid_any_more(
    service: RunningService, others: OtherServices, clock: MovableClock
) -> None:
    booking = await booked(service, a_customer(), pickup_date="2026-11-23")
    clock.now = TODAYS_WINDOW_ENDS
    await service.run_job("end-holds")
    async with service.as_caller(a_service("payments")) as client:
        await client.post(f"/internal/bookings/{booking['id']}/place", json={})
    row = await service.database.fetch_one(select(bookings.c.holds_place))
    assert row is not None
    assert not row.holds_place
