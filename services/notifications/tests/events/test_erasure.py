"""A customer is forgotten: in copies, messages, the local mailbox and what is told later."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from notifications.adapters.tables import bookings, customers, messages, suppressions
from notifications.commands.receive_feedback import ReceiveFeedback
from notifications.domain.feedback import MailReport
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingCompleted, BookingCreated, BookingPaid
from shared.contracts.customers import (
    ContactReceived,
    CustomerErased,
    CustomerRegistered,
    CustomerState,
    CustomerUpdated,
    ErasureReported,
)
from shared.db.tables import outbox
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import select

Make = Callable[..., Any]
TRACES = ("ada@example.com", "Byron", "+12125550123", "1 Main Street", "2 Shore Road", "pianos")


@pytest.fixture
async def ada(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, a_customer_state: Make
) -> CustomerState:
    """Ada with an account, a booking of it and one made as a guest, a message to the office, some of it sent."""
    ada: CustomerState = a_customer_state(sms_notifications=True)
    await service.receive(CustomerRegistered(customer=ada))
    await service.receive(BookingCreated(booking=a_booking(customer_id=ada.id)))
    await service.receive(BookingPaid(booking=a_booking(status="paid"), paid_cents=1))
    while await sender.send_batch():
        pass
    await service.receive(
        ContactReceived(
            contact_id=new_id(),
            name="Ada Byron",
            email="ada@example.com",
            subject="pianos",
            message="pianos?",
            received_at=clock.now,
        )
    )
    await service.receive(BookingCreated(booking=a_booking(customer_id=ada.id)))
    return ada


def forget(ada: CustomerState, clock: MovableClock) -> CustomerErased:
    digest = hashlib.sha256(b"ada@example.com").hexdigest()
    return CustomerErased(customer_id=ada.id, email_sha256=digest, erased_at=clock.now)


async def everything(service: RunningService) -> str:
    tables = (bookings, customers, messages, suppressions, outbox)
    return str([[tuple(row) for row in await service.database.fetch_all(select(table))] for table in tables])


async def test_no_trace_of_the_person_is_left(
    service: RunningService, clock: MovableClock, folder: Path, ada: CustomerState
) -> None:
    before = await everything(service)
    assert [trace for trace in TRACES if trace not in before] == []
    assert len(list(folder.iterdir())) >= 4  # noqa: ASYNC240
    for _ in range(2):
        await service.receive(forget(ada, clock))
    left = await everything(service)
    assert [trace for trace in TRACES if trace in left] == []
    assert list(folder.iterdir()) == []  # noqa: ASYNC240


async def test_what_was_erased_is_reported_with_counts(
    service: RunningService, clock: MovableClock, ada: CustomerState
) -> None:
    await service.receive(forget(ada, clock))
    (report,) = await service.events(ErasureReported)
    assert isinstance(report, ErasureReported)
    assert (report.customer_id, report.service) == (ada.id, "notifications")
    assert (report.erased["customers"], report.erased["bookings"]) == (1, 3)
    assert report.erased["messages"] >= 7


async def test_what_waited_is_not_sent_any_more(
    service: RunningService, sender: Sender, clock: MovableClock, folder: Path, ada: CustomerState
) -> None:
    await service.receive(forget(ada, clock))
    assert await sender.send_batch() == 0
    assert list(folder.iterdir()) == []  # noqa: ASYNC240


async def test_a_late_event_brings_nobody_back(
    service: RunningService, clock: MovableClock, ada: CustomerState
) -> None:
    await service.receive(forget(ada, clock))
    await service.receive(CustomerUpdated(customer=ada.model_copy(update={"version": 99})))
    assert await service.database.fetch_all(select(customers)) == []


async def test_what_happens_later_to_a_booking_of_a_forgotten_customer_is_told_to_nobody(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, ada: CustomerState, folder: Path
) -> None:
    await service.receive(forget(ada, clock))
    nobody = a_booking().contact.model_copy(update={"first_name": "", "last_name": "", "email": "", "phone": ""})
    done = a_booking(customer_id=ada.id, contact=nobody, status="completed", version=9)
    await service.receive(BookingCompleted(booking=done))
    await sender.send_batch()
    assert await service.database.fetch_all(select(messages).where(messages.c.kind == "completed")) == []
    assert list(folder.iterdir()) == []  # noqa: ASYNC240


async def test_others_are_left_alone(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, ada: CustomerState
) -> None:
    bob = a_booking().contact.model_copy(update={"email": "bob@example.com", "first_name": "Bob"})
    await service.receive(BookingCreated(booking=a_booking(contact=bob)))
    await service.receive(forget(ada, clock))
    assert "bob@example.com" in await everything(service)
    assert await sender.send_batch() == 1


async def test_what_waited_somewhere_while_they_were_forgotten_keeps_nothing_of_them_and_is_not_sent(
    service: RunningService, sender: Sender, clock: MovableClock, folder: Path, a_booking: Make, a_customer_state: Make
) -> None:
    ada = a_customer_state()
    await service.receive(forget(ada, clock))
    asked = {"name": "Ada Byron", "email": "Ada@Example.com", "subject": "pianos", "message": "pianos?"}
    late = [
        BookingCreated(booking=a_booking()),
        BookingPaid(booking=a_booking(status="paid", customer_id=ada.id), paid_cents=1),
        ContactReceived(contact_id=new_id(), received_at=clock.now - timedelta(hours=1), **asked),
        ContactReceived(contact_id=new_id(), received_at=clock.now, customer_id=ada.id, **asked),
    ]
    for event in late:
        await service.receive(event)
    while await sender.send_batch():
        pass
    kept = await everything(service)
    assert [trace for trace in TRACES if trace in kept] == []
    told = [file.read_text() for file in folder.iterdir()]  # noqa: ASYNC240
    assert [trace for trace in TRACES if trace in str(told)] == []
    assert len(await service.database.fetch_all(select(bookings))) == 2


async def test_whoever_comes_back_is_told_of_what_is_new(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, ada: CustomerState, folder: Path
) -> None:
    await service.receive(forget(ada, clock))
    clock.now += timedelta(days=1)
    await service.receive(BookingCreated(booking=a_booking(created_at=clock.now)))
    await service.receive(
        ContactReceived(contact_id=new_id(), name="Ada", email="ada@example.com", message="?", received_at=clock.now)
    )
    assert await sender.send_batch() == 2
    rows = await service.database.fetch_all(
        select(messages).where(messages.c.status == "sent", messages.c.subject != "")
    )
    assert {row.kind for row in rows if row.recipient} >= {"booking_received", "contact"}
    assert len(list(folder.iterdir())) == 2  # noqa: ASYNC240


async def test_a_late_bounce_of_somebody_forgotten_is_kept_without_the_address(
    service: RunningService, clock: MovableClock, ada: CustomerState
) -> None:
    await service.receive(forget(ada, clock))
    bounced = MailReport("bounced", "ses-1", ("ada@example.com",), "It came back.", is_permanent=True)
    await service.commands.execute(ReceiveFeedback("n-1", bounced))
    (entry,) = await service.database.fetch_all(select(suppressions))
    assert (entry.address, entry.reason) == ("", "bounce")
    assert entry.address_sha256 == hashlib.sha256(b"ada@example.com").hexdigest()
