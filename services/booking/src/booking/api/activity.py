"""What happened with a booking, as sentences for staff, newest first."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.money import format_dollars

from booking.commands.view_booking import BookingFile
from booking.domain.booking import in_words

Happening = tuple[datetime, str, str]
"""When, what kind of thing, and a sentence about it."""

_STEPS = {
    "pending": "Booked",
    "confirmed": "Confirmed",
    "paid": "Paid",
    "in_progress": "Begun",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "expired": "Expired",
}
_PEOPLE = {"guest": " by the guest", "customer": " by the customer", "staff": " by staff", "crew": " by the crew"}
"""Payments and the clock are not told: what they do nobody else does."""

_REPORTS = {"on_the_way": "is on its way", "picked_up": "has picked up", "delivered": "has delivered"}
_CHANNELS = {"email": "E-mail", "sms": "SMS"}


def activity_of(file: BookingFile) -> list[dict[str, Any]]:
    """All that happened."""
    happened = sorted(_happenings(file), key=lambda happening: happening[0], reverse=True)
    return [{"happened_at": when, "kind": kind, "description": sentence} for when, kind, sentence in happened]


def _happenings(file: BookingFile) -> Iterator[Happening]:
    for step in file.booking.status_history:
        sentence = f"{_done(step)}{_PEOPLE.get(step['changed_by'], '')}."
        yield datetime.fromisoformat(step["changed_at"]), "status", sentence
    yield from _of_money(file)
    for report in file.reports:
        sentence = f"{report.crew_name} {_REPORTS[report.step]}{_noted(report.note)}."
        yield report.reported_at, "crew", sentence
    for message in file.messages:
        channel, subject = _CHANNELS[message.channel], message.subject or in_words(message.kind)
        yield message.sent_at or message.told_at, "message", f"{channel} “{subject}” {message.status}."


def _of_money(file: BookingFile) -> Iterator[Happening]:
    for payment in file.payments:
        sentence = f"Payment of {format_dollars(payment.amount_cents)} {in_words(payment.status)}."
        yield payment.processed_at or payment.created_at, "payment", sentence
    for refund in file.refunds:
        sentence = f"Refund of {format_dollars(refund.amount_cents)} {refund.status}."
        yield refund.processed_at or refund.created_at, "refund", sentence
    for dispute in file.disputes:
        sentence = f"Dispute of {format_dollars(dispute.amount_cents)} {dispute.status}."
        yield dispute.closed_at or dispute.opened_at, "dispute", sentence


def _done(step: Mapping[str, Any]) -> str:
    if (day := step.get("rescheduled_to")) is None:
        return _STEPS[step["to_status"]]
    before = step["rescheduled_from"]
    return f"Moved to another window on {day}" if day == before else f"Moved from {before} to {day}"


def _noted(note: str) -> str:
    return f": {note}" if note else ""
