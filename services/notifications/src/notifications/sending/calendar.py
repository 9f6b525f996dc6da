"""A move as an entry for the customer's calendar."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Literal

from icalendar import Alarm, Calendar, Event, vCalAddress, vText
from shared.contracts.booking_state import BookingState

from notifications.domain.kinds import Kind
from notifications.domain.words import BookingWords

Method = Literal["REQUEST", "CANCEL"]

METHODS: dict[Kind, Method] = {
    Kind.PAYMENT_RECEIVED: "REQUEST",
    Kind.RESCHEDULED: "REQUEST",
    Kind.BOOKING_CANCELLED: "CANCEL",
}
"""Kinds that bring an entry, put another in its place, or take it away."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in an e-mail; `content_type` with its parameters."""

    filename: str
    content_type: str
    content: bytes


def calendar_of(
    method: Method, booking: BookingState, words: BookingWords, link: str, sender: str, written_at: datetime
) -> Attachment:
    """The entry. Its sequence is the booking's version, so that whichever was written last counts, in whatever order
    the e-mails are read.
    """
    calendar = Calendar()
    for name, value in (("prodid", "-//Tote Taxi//Bookings//EN"), ("version", "2.0"), ("method", method)):
        calendar.add(name, value)
    calendar.add_component(_event(method, booking, words, link, sender, written_at))
    content_type = f'text/calendar; charset="utf-8"; method={method}'
    return Attachment("move.ics", content_type, calendar.to_ical())


def _event(
    method: Method, booking: BookingState, words: BookingWords, link: str, sender: str, written_at: datetime
) -> Event:
    event = Event()
    cancelled = method == "CANCEL"
    values: dict[str, Any] = {
        "uid": f"{booking.id}@{parseaddr(sender)[1].rpartition('@')[2]}",
        "sequence": booking.version,
        "dtstamp": written_at,
        "dtstart": booking.window_start,
        "dtend": booking.window_end,
        "summary": f"Tote Taxi picks up: {words.what}",
        "location": ", ".join(words.pickup),
        "description": f"Booking {words.number}\nTo: {', '.join(words.delivery)}\n{link}",
        "url": link,
        "status": "CANCELLED" if cancelled else "CONFIRMED",
        "organizer": _person("Tote Taxi", parseaddr(sender)[1]),
    }
    for name, value in values.items():
        event.add(name, value)
    event.add("attendee", _attendee(words), encode=False)
    if not cancelled:
        event.add_component(_alarm(words))
    return event


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["cn"] = vText(name)
    return person


def _attendee(words: BookingWords) -> vCalAddress:
    attendee = _person(words.name, words.email)
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee


def _alarm(words: BookingWords) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"Tote Taxi comes: {words.window}")
    alarm["trigger"] = "-PT1H"
    return alarm
