import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from notifications.adapters.carriers import Mail, NotNow, Undeliverable
from notifications.adapters.tables import messages
from notifications.commands.claim_messages import ClaimMessages
from notifications.commands.finish_messages import Delivery, FinishMessages
from notifications.sending.sender import Bell, Sender
from notifications.service import post_office
from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.notifications import MessageFailed, MessageSent
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import Row, select

Make = Callable[..., Any]
Mails = Callable[[], list[EmailMessage]]


class Carrier:
    """A carrier that does what a test tells it, and remembers what it was handed."""

    name = "test"

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.mails: list[Mail] = []

    async def send(self, mail: Any) -> str:
        self.mails.append(mail)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return f"provider-{len(self.mails)}"


def a_sender(service: RunningService, carrier: Carrier) -> Sender:
    post = post_office(service.platform, carrier, carrier)
    return Sender(service.commands, post, Bell())


async def the_message(service: RunningService) -> Row[Any]:
    (row,) = await service.database.fetch_all(select(messages).where(messages.c.kind == "payment_received"))
    return row


async def paid(service: RunningService, a_booking: Make, **values: Any) -> None:
    """One message waits, the customer's: the office's is none of these tests' business."""
    await service.receive(BookingPaid(booking=a_booking(status="paid", **values), paid_cents=546638))
    async with service.database.transaction() as connection:
        await connection.execute(messages.delete().where(messages.c.kind == "staff_new_booking"))


async def test_the_confirmation_lies_in_the_mailbox(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails, folder: Path
) -> None:
    await paid(service, a_booking)
    assert await sender.send_batch() == 1
    (mail,) = mails()
    assert mail["Subject"] == "Your move on Saturday, June 20, 2026 is confirmed (TT-20260601-0042)"
    assert mail["To"] == "ada@example.com"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["multipart/alternative", "text/calendar"]
    assert os.listdir(folder) == [f"{(await the_message(service)).id}.eml"]


async def test_a_sent_message_is_told_once_with_its_subject(
    service: RunningService, sender: Sender, a_booking: Make
) -> None:
    await paid(service, a_booking)
    await sender.send_batch()
    assert await sender.send_batch() == 0
    row = await the_message(service)
    (event,) = await service.events()
    assert isinstance(event, MessageSent)
    assert (row.status, row.attempts, row.due_at) == ("sent", 1, None)
    assert (event.message.id, event.message.version, event.message.subject) == (row.id, row.version, row.subject)
    assert (event.message.booking_id, event.message.sent_at) == (row.booking_id, row.sent_at)


async def test_after_a_crash_in_sending_it_goes_once_more_as_the_same_email(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    await paid(service, a_booking)
    carrier = Carrier()
    sender = a_sender(service, carrier)
    (claimed,) = await service.commands.execute(ClaimMessages())
    await sender._post.deliver(claimed)
    assert await sender.send_batch() == 0
    clock.now += timedelta(seconds=61)
    assert await sender.send_batch() == 1
    first, second = carrier.mails
    assert first == second
    assert (await the_message(service)).status == "sent"


async def test_who_lost_the_lease_writes_nothing_down(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make
) -> None:
    await paid(service, a_booking)
    (slow,) = await service.commands.execute(ClaimMessages())
    clock.now += timedelta(seconds=61)
    await sender.send_batch()
    await service.commands.execute(FinishMessages([Delivery(slow, reason="too late")]))
    assert (await the_message(service)).status == "sent"
    assert len(await service.events()) == 1


async def test_what_may_work_later_is_tried_again_with_growing_pauses(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    await paid(service, a_booking)
    sender = a_sender(service, Carrier(NotNow("SES answered TooManyRequestsException."), TimeoutError()))
    pauses = []
    for _ in range(2):
        await sender.send_batch()
        row = await the_message(service)
        pauses.append((row.status, row.due_at - clock.now, row.failure_reason))
        clock.now = row.due_at
    await sender.send_batch()
    assert pauses == [
        ("pending", timedelta(seconds=5), "SES answered TooManyRequestsException."),
        ("pending", timedelta(seconds=10), "There was no answer in time."),
    ]
    assert (await the_message(service)).status == "sent"
    assert [type(event) for event in await service.events()] == [MessageSent]


async def test_after_a_day_of_failures_staff_are_told(
    service: RunningService, clock: MovableClock, a_booking: Make
) -> None:
    await paid(service, a_booking)
    sender = a_sender(service, Carrier(NotNow("first"), NotNow("SES can't be reached.")))
    await sender.send_batch()
    clock.now += timedelta(hours=24)
    await sender.send_batch()
    (event,) = await service.events()
    assert isinstance(event, MessageFailed)
    assert (event.message.status, event.message.failure_reason) == ("failed", "SES can't be reached.")


async def test_an_address_that_takes_no_mail_fails_for_good_at_once(service: RunningService, a_booking: Make) -> None:
    await paid(service, a_booking)
    await a_sender(service, Carrier(Undeliverable("SES answered MessageRejected."))).send_batch()
    row = await the_message(service)
    assert (row.status, row.attempts, row.failure_reason) == ("failed", 1, "SES answered MessageRejected.")
    assert [type(event) for event in await service.events()] == [MessageFailed]


async def test_one_message_that_can_not_be_written_does_not_stop_the_others(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails
) -> None:
    await paid(service, a_booking, manage_token_sealed="not sealed at all")
    await paid(service, a_booking)
    await sender.send_batch()
    statuses = await service.database.fetch_all(select(messages.c.status).order_by(messages.c.id))
    assert [row.status for row in statuses] == ["pending", "sent"]
    assert len(mails()) == 1


async def test_two_senders_share_the_work(service: RunningService, a_booking: Make) -> None:
    await asyncio.gather(*(service.receive(BookingCreated(booking=a_booking())) for _ in range(30)))
    carrier = Carrier()
    senders = [a_sender(service, carrier) for _ in range(3)]
    while sum(await asyncio.gather(*(sender.send_batch() for sender in senders))):
        pass
    assert len(carrier.mails) == len({mail.id for mail in carrier.mails}) == 30
    assert len(await service.events(MessageSent)) == 30


async def test_kinds_that_this_code_does_not_know_are_left_to_newer_workers(
    service: RunningService, sender: Sender, a_booking: Make
) -> None:
    await paid(service, a_booking)
    async with service.database.transaction() as connection:
        await connection.execute(messages.update().values(kind="carrier_pigeon"))
    assert await sender.send_batch() == 0
