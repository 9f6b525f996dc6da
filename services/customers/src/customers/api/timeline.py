"""What happened with a customer, as one list for staff, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.money import format_dollars

from customers.api.presenting import Json
from customers.commands.view_customer import CustomerFile

LONGEST = 100

Moment = tuple[datetime, str, str, Any]
"""When, what kind of thing, in words, and the booking that it is about, if any."""


def timeline_of(file: CustomerFile) -> list[Json]:
    """The latest hundred moments."""
    moments = [*_of_account(file), *_of_bookings(file), *_of_money(file), *_of_words(file)]
    newest = sorted(moments, key=lambda moment: moment[0], reverse=True)[:LONGEST]
    return [{"at": at, "kind": kind, "text": text, "booking_id": booking} for at, kind, text, booking in newest]


def _of_account(file: CustomerFile) -> Iterator[Moment]:
    customer = file.customer
    yield customer.created_at, "registered", "Registered", None
    if customer.email_verified_at is not None:
        yield customer.email_verified_at, "email_verified", "Confirmed the e-mail address", None
    if customer.erased_at is not None:
        yield customer.erased_at, "erased", "Was erased", None


def _of_bookings(file: CustomerFile) -> Iterator[Moment]:
    for row in file.bookings:
        yield row.created_at, "booking_created", f"Booked {row.booking_number} for {row.pickup_date}", row.booking_id
        if row.paid_at is not None:
            yield row.paid_at, "booking_paid", f"{row.booking_number} was paid", row.booking_id


def _of_money(file: CustomerFile) -> Iterator[Moment]:
    for row in file.payments:
        yield row.paid_at, "payment", f"Paid {format_dollars(row.captured_cents)}", row.booking_id
    for row in file.refunds:
        yield row.refunded_at, "refund", f"{format_dollars(row.amount_cents)} went back", row.booking_id


def _of_words(file: CustomerFile) -> Iterator[Moment]:
    for row in file.notes:
        yield row.written_at, "note", "A note was added", None
    for row in file.messages:
        yield row.received_at, "contact_message", "Wrote to the office", None
