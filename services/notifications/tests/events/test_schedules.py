"""Messages that nothing but the clock asks for."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from notifications.adapters.tables import messages
from notifications.sending.sender import Sender
from notifications.service import SCHEDULE
from shared.context import event_time
from shared.contracts.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingCreated,
    BookingPaid,
    BookingRescheduled,
    BookingUpdated,
)
from shared.contracts.booking_state import BookingState
from shared.contracts.customers import CustomerRegistered
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import select

Make = Callable[..., Any]
THE_DAY_BEFORE = datetime(2026, 6, 19, 13, tzinfo=UTC)
"""09:00 in New York; the sample booking is picked up on June 20 at 08:00."""

MIDNIGHT, THE_DAY = THE_DAY_BEFORE + timedelta(hours=15), THE_DAY_BEFORE + timedelta(days=1)


async def kinds(service: RunningService, *wanted: str) -> list[str]:
    rows = await service.database.fetch_all(select(messages.c.kind).order_by(messages.c.id))
    return [row.kind for row in rows if row.kind in wanted]


async def at(service: RunningService, clock: MovableClock, moment: datetime) -> None:
    clock.now = moment
    await service.run_job(SCHEDULE)


@pytest.fixture
async def paid(service: RunningService, a_booking: Make) -> BookingState:
    booking: BookingState = a_booking(status="paid", version=2)
    await service.receive(BookingPaid(booking=booking, paid_cents=1))
    return booking


async def test_a_move_is_reminded_of_once_the_day_before_at_nine(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    await at(service, clock, THE_DAY_BEFORE - timedelta(seconds=1))
    assert await kinds(service, "reminder") == []
    for minutes in (0, 1, 300):
        await at(service, clock, THE_DAY_BEFORE + timedelta(minutes=minutes))
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_move_paid_on_the_day_is_reminded_of_too(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    await service.receive(BookingConfirmed(booking=a_booking(status="confirmed", version=2)))
    await at(service, clock, THE_DAY_BEFORE)
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_cancelled_move_is_not_reminded_of(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    cancelled = paid.model_copy(update={"status": "cancelled", "version": 3})
    await service.receive(BookingCancelled(booking=cancelled))
    await at(service, clock, THE_DAY_BEFORE)
    assert await kinds(service, "reminder") == []


def moved(booking: BookingState, days: int) -> BookingRescheduled:
    later = booking.model_copy(
        update={
            "version": booking.version + 1,
            "pickup_date": booking.pickup_date + timedelta(days=days),
            "window_start": booking.window_start + timedelta(days=days),
            "window_end": booking.window_end + timedelta(days=days),
        }
    )
    return BookingRescheduled(
        booking=later,
        previous_pickup_date=booking.pickup_date,
        previous_window_start=booking.window_start,
        previous_window_end=booking.window_end,
    )


async def test_a_reminder_moves_with_its_move(service: RunningService, clock: MovableClock, paid: BookingState) -> None:
    await service.receive(moved(paid, days=3))
    await at(service, clock, THE_DAY_BEFORE)
    assert await kinds(service, "reminder") == []
    await at(service, clock, THE_DAY_BEFORE + timedelta(days=3))
    assert await kinds(service, "reminder") == ["reminder"]


async def test_who_was_told_after_nine_needs_no_reminder(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    clock.now = THE_DAY_BEFORE - timedelta(days=1) + timedelta(hours=2)
    await service.receive(moved(paid, days=-1))
    await at(service, clock, clock.now + timedelta(hours=1))
    assert await kinds(service, "reminder") == []


@pytest.mark.parametrize(("minutes_before", "expected"), [(1, ["reminder"]), (-60, [])])
async def test_a_move_that_is_confirmed_after_nine_is_reminded_of_if_it_was_booked_before(
    service: RunningService, clock: MovableClock, a_booking: Make, minutes_before: int, expected: list[str]
) -> None:
    clock.now = THE_DAY_BEFORE - timedelta(minutes=minutes_before)
    booking = a_booking(created_at=clock.now)
    await service.receive(BookingCreated(booking=booking))
    clock.now = THE_DAY_BEFORE + timedelta(hours=2)
    confirmed = booking.model_copy(update={"status": "confirmed", "version": 2})
    await service.receive(BookingConfirmed(booking=confirmed))
    await at(service, clock, clock.now + timedelta(seconds=10))
    assert await kinds(service, "reminder") == expected


async def test_another_change_of_the_booking_does_not_hide_its_reminder(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    clock.now = THE_DAY_BEFORE + timedelta(seconds=5)
    await service.receive(BookingUpdated(booking=paid.model_copy(update={"version": 3})))
    await at(service, clock, THE_DAY_BEFORE + timedelta(seconds=10))
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_reminder_that_could_not_go_out_before_the_move_is_dropped(
    service: RunningService, clock: MovableClock, sender: Sender, paid: BookingState
) -> None:
    await at(service, clock, THE_DAY_BEFORE)
    clock.now = paid.window_start + timedelta(minutes=1)
    await sender.send_batch()
    row = await service.database.fetch_one(select(messages).where(messages.c.kind == "reminder"))
    assert row is not None
    assert (row.status, row.failure_reason) == ("dropped", "By now it would tell nothing new.")


async def test_a_move_cancelled_after_its_reminder_was_written_is_not_reminded_of(
    service: RunningService, clock: MovableClock, sender: Sender, paid: BookingState
) -> None:
    await at(service, clock, THE_DAY_BEFORE)
    await service.receive(BookingCancelled(booking=paid.model_copy(update={"status": "cancelled", "version": 3})))
    await sender.send_batch()
    row = await service.database.fetch_one(select(messages).where(messages.c.kind == "reminder"))
    assert row is not None
    assert (row.status, row.failure_reason) == ("dropped", "The booking is cancelled by now.")


async def test_an_unpaid_booking_is_reminded_of_once_after_an_hour(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    booked_at = clock.now
    await service.receive(BookingCreated(booking=a_booking(created_at=booked_at)))
    await at(service, clock, booked_at + timedelta(minutes=59))
    assert await kinds(service, "unpaid_reminder") == []
    for minutes in (60, 61, 500):
        await at(service, clock, booked_at + timedelta(minutes=minutes))
    assert await kinds(service, "unpaid_reminder") == ["unpaid_reminder"]


async def test_a_booking_that_was_paid_or_is_about_to_expire_is_not(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    booked_at = clock.now
    old, booking = a_booking(created_at=booked_at - timedelta(hours=22)), a_booking(created_at=booked_at)
    await service.receive(BookingCreated(booking=old))
    await service.receive(BookingCreated(booking=booking))
    await service.receive(
        BookingPaid(booking=booking.model_copy(update={"status": "paid", "version": 2}), paid_cents=1)
    )
    await at(service, clock, booked_at + timedelta(hours=2))
    assert await kinds(service, "unpaid_reminder") == []


async def test_the_office_gets_tomorrows_run_sheet_once_at_six(
    service: RunningService, clock: MovableClock, sender: Sender, paid: BookingState, mails: Callable[[], list[Any]]
) -> None:
    await sender.send_batch()
    evening = THE_DAY_BEFORE + timedelta(hours=9)
    for seconds in (-1, 0, 60):
        await at(service, clock, evening + timedelta(seconds=seconds))
    assert await kinds(service, "run_sheet") == ["run_sheet"]
    while await sender.send_batch():
        pass
    (sheet,) = [mail for mail in mails() if "Run sheet" in mail["Subject"]]
    assert (sheet["To"], sheet["Subject"]) == ("office@totetaxi.test", "Run sheet for Saturday, June 20, 2026: 1 move")
    assert "8:00 AM to 11:00 AM  TT-20260601-0042" in sheet.get_body(("plain",)).get_content()


async def test_events_that_waited_over_nine_lose_no_reminder(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    clock.now = THE_DAY_BEFORE + timedelta(hours=2)
    booking = a_booking(status="paid", version=2, paid_at=THE_DAY_BEFORE - timedelta(hours=3))
    await service.receive(BookingPaid(booking=booking, paid_cents=1))
    await service.run_job(SCHEDULE)
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_move_confirmed_while_events_waited_is_reminded_of(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    clock.now = THE_DAY_BEFORE + timedelta(hours=2)
    event_time.set(THE_DAY_BEFORE - timedelta(hours=3))
    await service.receive(BookingConfirmed(booking=a_booking(status="confirmed", version=2)))
    await service.run_job(SCHEDULE)
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_move_that_came_to_tomorrow_while_events_waited_is_reminded_of(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    clock.now = THE_DAY_BEFORE - timedelta(days=1) + timedelta(hours=2)
    event_time.set(clock.now - timedelta(hours=3))
    await service.receive(moved(paid, days=-1))
    await service.run_job(SCHEDULE)
    assert await kinds(service, "reminder") == ["reminder"]


async def test_a_reminder_missed_the_day_before_goes_in_the_morning(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    for moment in (MIDNIGHT + timedelta(hours=3), MIDNIGHT + timedelta(hours=7, minutes=59), THE_DAY):
        await at(service, clock, moment)
        assert await kinds(service, "reminder") == ["reminder"]


def sms_in(folder: Path) -> list[str]:
    return [file.read_text() for file in folder.glob("*.sms")]


async def test_a_reminder_says_today_when_that_is_so(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, a_customer_state: Make,
    mails: Callable[[], list[Any]], folder: Path,
) -> None:  # fmt: skip
    ada = a_customer_state(sms_notifications=True)
    await service.receive(CustomerRegistered(customer=ada))
    late = {"window_start": THE_DAY + timedelta(hours=1), "window_end": THE_DAY + timedelta(hours=4)}
    await service.receive(BookingPaid(booking=a_booking(status="paid", customer_id=ada.id, **late), paid_cents=1))
    await at(service, clock, MIDNIGHT - timedelta(minutes=30))
    clock.now = MIDNIGHT + timedelta(hours=8)
    while await sender.send_batch():
        pass
    (mail,) = [mail for mail in mails() if "pickup 10:00 AM" in mail["Subject"]]
    (sms,) = [words for words in sms_in(folder) if "pick up" in words]
    text, html = [mail.get_body((part,)).get_content() for part in ("plain", "html")]
    for words in (mail["Subject"], text, html, sms):
        assert "today" in words.lower()
        assert "tomorrow" not in words.lower()


async def test_a_run_sheet_missed_in_the_evening_comes_in_the_night(
    service: RunningService, clock: MovableClock, paid: BookingState
) -> None:
    for moment in (MIDNIGHT + timedelta(hours=3), MIDNIGHT + timedelta(hours=10)):
        await at(service, clock, moment)
    (sheet,) = await service.database.fetch_all(select(messages.c.cause).where(messages.c.kind == "run_sheet"))
    assert sheet.cause == "2026-06-20"


async def test_who_moves_a_paid_booking_to_tomorrow_was_told_just_then(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    earlier = {"window_start": datetime(2026, 6, 25, 12, tzinfo=UTC), "pickup_date": date(2026, 6, 25)}
    paid_at = THE_DAY_BEFORE - timedelta(days=9)
    booking = a_booking(status="paid", version=2, paid_at=paid_at, **earlier)
    await service.receive(BookingPaid(booking=booking, paid_cents=1))
    clock.now = THE_DAY_BEFORE + timedelta(hours=2)
    moved = a_booking(id=booking.id, status="paid", version=3, paid_at=paid_at)
    about: dict[str, Any] = {"previous_pickup_date": booking.pickup_date, "previous_window_start": booking.window_start}
    about["previous_window_end"] = booking.window_end
    await service.receive(BookingRescheduled(booking=moved, **about))
    await service.run_job(SCHEDULE)
    assert await kinds(service, "reminder") == []
