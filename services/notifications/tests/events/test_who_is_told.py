"""Events that staff, accounts and changed bookings are told of, and by which channels."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from notifications.adapters.tables import messages
from notifications.sending.sender import Sender
from shared.contracts.base import Event
from shared.contracts.booking import (
    AlertRaised,
    BookingCancelled,
    BookingCompleted,
    BookingCreated,
    BookingOnTheWay,
    BookingPaid,
    BookingRescheduled,
    BookingUpdated,
)
from shared.contracts.booking_state import Adjustment, BookingState
from shared.contracts.customers import (
    ContactReceived,
    CustomerUpdated,
    PasswordResetRequested,
    StaffInvited,
    StaffState,
    StaffUpdated,
    VerificationRequested,
)
from shared.contracts.payments import DisputeClosed, DisputeOpened, DisputeState, RefundFailed
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import select

Make = Callable[..., Any]
Mails = Callable[[], list[Any]]
LATER = datetime(2027, 1, 1, tzinfo=UTC)
TOKEN = Sealer(DEVELOPMENT_SEALING_KEY).seal("single-use")


async def written(service: RunningService) -> list[tuple[str, str, str]]:
    rows = await service.database.fetch_all(select(messages).order_by(messages.c.id))
    return [(row.kind, row.channel, row.recipient) for row in rows]


def an_admin(**values: Any) -> StaffState:
    about: dict[str, Any] = {
        "id": new_id(), "version": 1, "email": "sam@totetaxi.test", "first_name": "Sam", "last_name": "Hill",
        "role": "admin", "is_active": True, **values,
    }  # fmt: skip
    return StaffState(**about)


def a_link(kind: type[Any], **values: Any) -> Any:
    about = {"link_id": new_id(), "account_id": new_id(), "email": "ada@example.com", "first_name": "Ada"}
    return kind(**about, token_sealed=TOKEN, expires_at=LATER, **values)


def a_dispute(kind: type[Any], booking: BookingState, status: str, id: Any) -> Any:
    about: dict[str, Any] = {
        "id": id, "version": 1, "payment_id": new_id(), "booking_id": booking.id,
        "booking_number": booking.booking_number, "amount_cents": 546638, "status": status, "opened_at": LATER,
    }  # fmt: skip
    return kind(dispute=DisputeState(**about))


async def test_links_of_accounts_go_to_the_address_that_asked_once(
    service: RunningService, sender: Sender, mails: Mails
) -> None:
    for event in (a_link(VerificationRequested), a_link(PasswordResetRequested, account_kind="staff")):
        for _ in range(2):
            await service.receive(event)
    await sender.send_batch()
    texts = [(mail["To"], mail.get_body(("plain",)).get_content()) for mail in mails()]
    assert [to for to, _ in texts] == ["ada@example.com"] * 2
    assert "/verify-email?token=single-use" in texts[0][1]
    assert "/staff/reset-password?token=single-use" in texts[1][1]
    assert [kind for kind, _, _ in await written(service)] == ["verify_email", "password_reset"]


async def test_a_link_that_expired_before_it_could_go_out_is_dropped(
    service: RunningService, sender: Sender, clock: MovableClock, mails: Mails
) -> None:
    await service.receive(a_link(PasswordResetRequested))
    clock.now = LATER
    await sender.send_batch()
    assert mails() == []


async def test_a_new_staff_member_is_invited(service: RunningService, sender: Sender, mails: Mails) -> None:
    await service.receive(StaffInvited(staff=an_admin(email="new@totetaxi.test"), token_sealed=TOKEN, expires_at=LATER))
    await sender.send_batch()
    (mail,) = mails()
    assert mail["To"] == "new@totetaxi.test"
    assert "/staff/accept-invitation?token=single-use" in mail.get_body(("plain",)).get_content()


async def test_the_office_hears_of_refunds_that_failed_and_of_disputes(
    service: RunningService, a_booking: Make, a_payment: Make, a_refund: Make
) -> None:
    booking, dispute = a_booking(status="cancelled"), new_id()
    payment = a_payment(booking)
    refund = a_refund(payment, status="failed", failure_reason="The account is closed.")
    events: list[Event] = [
        RefundFailed(refund=refund, payment=payment),
        a_dispute(DisputeOpened, booking, "open", dispute),
        a_dispute(DisputeClosed, booking, "lost", dispute),
    ]
    for event in (*events, *events):
        await service.receive(event)
    office = "office@totetaxi.test"
    assert await written(service) == [
        ("staff_refund_failed", "email", office), ("staff_dispute", "email", office), ("staff_dispute", "email", office)
    ]  # fmt: skip


async def test_a_critical_alert_goes_to_the_office_and_to_every_admin_at_work(service: RunningService) -> None:
    for member in (
        an_admin(),
        an_admin(email="left@x.test", is_active=False),
        an_admin(email="op@x.test", role="operator"),
    ):
        await service.receive(StaffUpdated(staff=member))
    alert = AlertRaised(alert_id=new_id(), key="k", severity="critical", message="Money without a booking.")
    again, lesser = ({"alert_id": new_id()}, {"alert_id": new_id(), "key": "l", "severity": "warning"})
    for event in (alert, alert, alert.model_copy(update=again), alert.model_copy(update=lesser)):
        await service.receive(event)
    assert [to for _, _, to in await written(service)] == ["office@totetaxi.test", "sam@totetaxi.test"]


async def test_an_answer_to_a_contact_message_goes_to_who_wrote_it(
    service: RunningService, sender: Sender, clock: MovableClock, mails: Mails
) -> None:
    event = ContactReceived(
        contact_id=new_id(), customer_id=new_id(), name="Ada Byron", email="ada@example.com", message="Pianos?",
        received_at=clock.now,
    )  # fmt: skip
    await service.receive(event)
    await sender.send_batch()
    (mail,) = mails()
    assert (mail["To"], mail["Reply-To"]) == ("office@totetaxi.test", "ada@example.com")


@pytest.mark.parametrize(("wants", "channels"), [(True, ["email", "sms"]), (False, ["email"])])
async def test_an_sms_goes_only_to_who_wants_it(
    service: RunningService, sender: Sender, a_booking: Make, a_customer_state: Make, wants: bool, channels: list[str]
) -> None:
    ada = a_customer_state(sms_notifications=wants)
    await service.receive(CustomerUpdated(customer=ada))
    await service.receive(BookingOnTheWay(booking=a_booking(customer_id=ada.id, status="paid")))
    assert [channel for _, channel, _ in await written(service)] == channels
    await sender.send_batch()
    assert {row.status for row in await service.database.fetch_all(select(messages))} == {"sent"}


async def test_who_wants_sms_and_no_e_mail_gets_what_is_optional_by_sms(
    service: RunningService, sender: Sender, a_booking: Make, a_customer_state: Make
) -> None:
    ada = a_customer_state(sms_notifications=True, email_notifications=False)
    await service.receive(CustomerUpdated(customer=ada))
    await service.receive(BookingCompleted(booking=a_booking(customer_id=ada.id, status="completed")))
    await sender.send_batch()
    rows = await service.database.fetch_all(select(messages))
    assert [(row.channel, row.status) for row in rows] == [("sms", "sent")]


async def test_at_night_an_sms_waits_for_the_morning_unless_the_crew_is_coming(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, a_customer_state: Make
) -> None:
    ada = a_customer_state(sms_notifications=True)
    await service.receive(CustomerUpdated(customer=ada))
    clock.now = datetime(2026, 6, 20, 2, tzinfo=UTC)
    booking = a_booking(customer_id=ada.id, status="paid")
    await service.receive(BookingOnTheWay(booking=booking))
    await service.receive(BookingCompleted(booking=booking.model_copy(update={"status": "completed", "version": 2})))
    rows = await service.database.fetch_all(select(messages).where(messages.c.channel == "sms").order_by(messages.c.id))
    assert [row.due_at - clock.now for row in rows] == [timedelta(0), timedelta(hours=10)]


async def test_an_sms_not_wanted_any_more_by_the_time_it_would_go_is_dropped(
    service: RunningService, sender: Sender, a_booking: Make, a_customer_state: Make
) -> None:
    ada = a_customer_state(sms_notifications=True)
    await service.receive(CustomerUpdated(customer=ada))
    await service.receive(BookingCreated(booking=a_booking(customer_id=ada.id)))
    await service.receive(CustomerUpdated(customer=ada.model_copy(update={"version": 2, "sms_notifications": False})))
    await sender.send_batch()
    rows = await service.database.fetch_all(select(messages).where(messages.c.channel == "sms"))
    assert [row.status for row in rows] == ["dropped"]


def rescheduled(booking: BookingState, **values: Any) -> BookingRescheduled:
    return BookingRescheduled(
        booking=booking.model_copy(update={"version": booking.version + 1, **values}),
        previous_pickup_date=booking.pickup_date,
        previous_window_start=booking.window_start - timedelta(days=7),
        previous_window_end=booking.window_end,
    )


async def test_what_a_change_costs_is_asked_for_once(service: RunningService, a_booking: Make) -> None:
    booking = a_booking(status="paid", paid_at=LATER)
    event = rescheduled(booking, adjustments=(Adjustment(number=1, amount_cents=12500),))
    for one in (event, event, BookingUpdated(booking=event.booking.model_copy(update={"version": 9}))):
        await service.receive(one)
    assert [kind for kind, _, _ in await written(service)] == ["rescheduled", "adjustment_due"]


async def test_what_was_paid_meanwhile_is_not_asked_for(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails
) -> None:
    event = rescheduled(a_booking(status="paid", paid_at=LATER), adjustments=(Adjustment(number=1, amount_cents=5),))
    await service.receive(event)
    paid = event.booking.model_copy(update={"version": 9, "adjustments": ()})
    await service.receive(BookingUpdated(booking=paid))
    await sender.send_batch()
    assert [mail["Subject"] for mail in mails()] == ["Your move TT-20260601-0042 is now on Saturday, June 20, 2026"]


async def test_the_entry_in_the_customers_calendar_follows_the_booking(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails
) -> None:
    booking = a_booking(status="paid", version=2, paid_at=LATER)
    moved = rescheduled(booking, window_start=booking.window_start + timedelta(days=1))
    events = [
        BookingPaid(booking=booking, paid_cents=1),
        moved,
        BookingCancelled(booking=moved.booking.model_copy(update={"version": 4, "status": "cancelled"})),
    ]
    entries = []
    for event in events:
        await service.receive(event)
        await sender.send_batch()
    for mail in mails():
        for part in mail.iter_attachments():
            calendar = Calendar.from_ical(part.get_content())
            (entry,) = calendar.walk("VEVENT")
            entries.append((str(calendar["METHOD"]), int(entry["SEQUENCE"]), str(entry["UID"]), entry["DTSTART"].dt))
    assert [(method, sequence) for method, sequence, _, _ in entries] == [("REQUEST", 2), ("REQUEST", 3), ("CANCEL", 4)]
    assert {uid for _, _, uid, _ in entries} == {f"{booking.id}@totetaxi.test"}
    assert entries[1][3] == booking.window_start + timedelta(days=1)


async def test_a_move_to_be_paid_otherwise_leaves_no_entry_behind(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails
) -> None:
    moved = rescheduled(a_booking(status="confirmed", version=2))
    cancelled = moved.booking.model_copy(update={"version": 4, "status": "cancelled"})
    for event in (moved, BookingCancelled(booking=cancelled, cancelled_by="staff")):
        await service.receive(event)
        await sender.send_batch()
    entries = [part.get_content() for mail in mails() for part in mail.iter_attachments()]
    assert len(mails()) == 2
    assert len(entries) in (0, 2), "what one e-mail put into the calendar the other takes away"
