"""The confirmation and its receipt, in whatever order they come."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from notifications.adapters.tables import messages
from notifications.commands.claim_messages import ClaimMessages
from notifications.commands.finish_messages import Delivery, FinishMessages
from notifications.domain.kinds import OFFICE
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingCancelled, BookingPaid, BookingRescheduled
from shared.contracts.payments import ReceiptIssued
from shared.ids import new_id
from shared.stores import storage_from
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import Row, select

Make = Callable[..., Any]
Mails = Callable[[], list[Any]]
PDF = b"%PDF-1.7 receipt"
KEY = "receipts/2026/R-2026-000042.pdf"


@pytest.fixture
async def paid(service: RunningService, a_booking: Make) -> BookingPaid:
    """The event of a payment whose receipt lies in the store."""
    await storage_from(service.platform.settings).put(KEY, PDF, "application/pdf")
    return BookingPaid(booking=a_booking(status="paid", version=2), payment_id=new_id(), paid_cents=546638)


def receipt_of(paid: BookingPaid, **values: Any) -> ReceiptIssued:
    about: dict[str, Any] = {
        "receipt_id": new_id(), "number": "R-2026-000042", "kind": "receipt", "booking_id": paid.booking.id,
        "payment_id": paid.payment_id, "amount_cents": 546638, "storage_key": KEY,
        "issued_at": paid.booking.created_at, **values,
    }  # fmt: skip
    return ReceiptIssued(**about)


async def to_customer(service: RunningService) -> list[Row[Any]]:
    wanted = select(messages).where(messages.c.kind.not_in(OFFICE)).order_by(messages.c.id)
    return await service.database.fetch_all(wanted)


def enclosed(mail: Any) -> list[str]:
    return [part.get_filename() for part in mail.iter_attachments()]


def confirmations(mails: Mails) -> list[Any]:
    return [mail for mail in mails() if "is confirmed" in mail["Subject"]]


async def test_the_confirmation_waits_for_its_receipt_and_takes_it_along(
    service: RunningService, sender: Sender, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(paid)
    await sender.send_batch()
    assert confirmations(mails) == []
    await service.receive(receipt_of(paid))
    await sender.send_batch()
    (mail,) = confirmations(mails)
    assert enclosed(mail) == ["R-2026-000042.pdf", "move.ics"]
    assert next(mail.iter_attachments()).get_content() == PDF
    assert "R-2026-000042" in mail.get_body(("plain",)).get_content()


async def test_a_receipt_that_came_first_is_found(
    service: RunningService, sender: Sender, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(receipt_of(paid))
    await service.receive(paid)
    await sender.send_batch()
    assert [enclosed(mail) for mail in confirmations(mails)] == [["R-2026-000042.pdf", "move.ics"]]


async def test_after_half_a_minute_the_confirmation_goes_without_and_the_receipt_follows_once(
    service: RunningService, sender: Sender, clock: MovableClock, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(paid)
    clock.now += timedelta(seconds=31)
    await sender.send_batch()
    assert [enclosed(mail) for mail in confirmations(mails)] == [["move.ics"]]
    issued = receipt_of(paid)
    for _ in range(3):
        await service.receive(issued)
        await sender.send_batch()
    assert [row.kind for row in await to_customer(service)] == ["payment_received", "receipt"]
    (follows,) = [mail for mail in mails() if "Your receipt" in mail["Subject"]]
    assert enclosed(follows) == ["R-2026-000042.pdf"]


async def test_a_confirmation_that_was_in_a_senders_hands_never_brings_the_receipt_a_second_time(
    service: RunningService, sender: Sender, clock: MovableClock, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(paid)
    clock.now += timedelta(seconds=31)
    claimed = await service.commands.execute(ClaimMessages())
    await service.receive(receipt_of(paid))
    await service.commands.execute(FinishMessages([Delivery(one, reason="Busy.") for one in claimed]))
    clock.now += timedelta(minutes=1)
    await sender.send_batch()
    with_receipt = [mail for mail in mails() if "R-2026-000042.pdf" in enclosed(mail)]
    assert [mail["Subject"] for mail in with_receipt] == ["Your receipt R-2026-000042 for booking TT-20260601-0042"]


async def test_payment_and_receipt_at_the_same_instant_make_one_email(
    service: RunningService, sender: Sender, clock: MovableClock, a_booking: Make, mails: Mails
) -> None:
    await storage_from(service.platform.settings).put(KEY, PDF, "application/pdf")
    events: list[Any] = []
    for _ in range(15):
        one = BookingPaid(booking=a_booking(status="paid"), payment_id=new_id(), paid_cents=1)
        events += [one, receipt_of(one)]
    await asyncio.gather(*(service.receive(event) for event in events))
    while await sender.send_batch():
        pass
    assert [enclosed(mail) for mail in confirmations(mails)] == [["R-2026-000042.pdf", "move.ics"]] * 15
    assert {row.kind for row in await to_customer(service)} == {"payment_received"}


async def test_a_booking_that_costs_nothing_waits_for_nothing(
    service: RunningService, sender: Sender, a_booking: Make, mails: Mails
) -> None:
    await service.receive(BookingPaid(booking=a_booking(status="paid"), payment_id=None, paid_cents=0))
    await sender.send_batch()
    assert [enclosed(mail) for mail in confirmations(mails)] == [["move.ics"]]


async def test_a_store_that_lost_the_file_holds_the_confirmation_back_for_ten_minutes_at_most(
    service: RunningService, sender: Sender, clock: MovableClock, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(receipt_of(paid, storage_key="receipts/2026/lost.pdf"))
    await service.receive(paid)
    await sender.send_batch()
    (row,) = await to_customer(service)
    assert (row.status, row.failure_reason) == ("pending", "The receipt can't be read.")
    clock.now += timedelta(minutes=10)
    await sender.send_batch()
    assert [enclosed(mail) for mail in confirmations(mails)] == [["move.ics"]]
    assert "receipt" not in confirmations(mails)[0].get_body(("plain",)).get_content()


async def test_the_receipt_of_a_later_adjustment_comes_by_itself(
    service: RunningService, sender: Sender, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(receipt_of(paid))
    await service.receive(paid)
    await sender.send_batch()
    await service.receive(receipt_of(paid, payment_id=new_id(), number="R-2026-000043", amount_cents=12500))
    await sender.send_batch()
    assert [row.kind for row in await to_customer(service)] == ["payment_received", "receipt"]
    assert "$125.00" in mails()[-1].get_body(("plain",)).get_content()


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
async def test_invoices_and_credit_notes_are_fetched_and_not_sent(
    service: RunningService, paid: BookingPaid, kind: str
) -> None:
    await service.receive(paid)
    await service.receive(receipt_of(paid, kind=kind))
    assert [row.kind for row in await to_customer(service)] == ["payment_received"]


async def called_off(service: RunningService, paid: BookingPaid) -> None:
    """Cancelled before a sender came to it."""
    changes = {"status": "cancelled", "version": 3, "paid_at": paid.booking.created_at}
    await service.receive(BookingCancelled(booking=paid.booking.model_copy(update=changes), refund_cents=546638))


async def test_of_the_confirmation_of_a_move_that_was_called_off_only_the_receipt_goes(
    service: RunningService, sender: Sender, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(paid)
    await service.receive(receipt_of(paid))
    await called_off(service, paid)
    await sender.send_batch()
    assert confirmations(mails) == []
    (receipt,) = [mail for mail in mails() if "Your receipt" in mail["Subject"]]
    assert enclosed(receipt) == ["R-2026-000042.pdf"]
    methods = [
        part.get_content() for mail in mails() for part in mail.iter_attachments() if "calendar" in part["Content-Type"]
    ]
    assert [("CANCEL" in text, "REQUEST" in text) for text in methods] == [(True, False)]


async def test_a_confirmation_without_a_receipt_of_a_move_that_was_called_off_is_dropped_and_the_receipt_follows(
    service: RunningService, sender: Sender, clock: MovableClock, paid: BookingPaid, mails: Mails
) -> None:
    await service.receive(paid)
    await called_off(service, paid)
    clock.now += timedelta(minutes=1)
    await sender.send_batch()
    assert confirmations(mails) == []
    await service.receive(receipt_of(paid))
    await sender.send_batch()
    rows = {row.kind: row.status for row in await to_customer(service)}
    assert rows == {"payment_received": "dropped", "booking_cancelled": "sent", "receipt": "sent"}


async def test_a_change_of_day_that_was_called_off_puts_nothing_back_into_the_calendar(
    service: RunningService, sender: Sender, paid: BookingPaid, mails: Mails
) -> None:
    booking = paid.booking
    before = {"start": booking.window_start, "end": booking.window_end}
    about = {"previous_pickup_date": booking.pickup_date, **{f"previous_window_{end}": before[end] for end in before}}
    await service.receive(BookingRescheduled(booking=booking, **about))
    await called_off(service, paid)
    await sender.send_batch()
    assert {row.kind: row.status for row in await to_customer(service)}["rescheduled"] == "dropped"
    assert "METHOD:REQUEST" not in str([mail.as_string() for mail in mails()])
