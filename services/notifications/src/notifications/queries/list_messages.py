"""Messages for staff."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Text, bindparam, func, literal_column, or_, select, true

from notifications.adapters.tables import bookings, deliveries, messages

_SHOWN = (
    "id", "kind", "channel", "status", "recipient", "subject", "booking_id", "customer_id", "attempts", "created_at",
    "due_at", "sent_at", "failure_reason", "resend_of",
)  # fmt: skip
_COLUMNS = [messages.c[name] for name in _SHOWN]
_MESSAGE = select(*_COLUMNS).where(messages.c.id == bindparam("message_id"))
_DELIVERIES = (
    select(
        deliveries.c.attempt,
        deliveries.c.carrier,
        deliveries.c.status,
        deliveries.c.provider_id,
        deliveries.c.reason,
        deliveries.c.happened_at,
    )
    .where(deliveries.c.message_id == bindparam("message_id"))
    .order_by(deliveries.c.attempt)
)
_RESENT = (
    select(messages.c.id).where(
        or_(messages.c.resend_of == bindparam("message_id"), messages.c.resend_of == bindparam("first_id")),
        messages.c.booking_id.is_not_distinct_from(bindparam("of_booking")),
        messages.c.id != bindparam("message_id"),
    )
).order_by(messages.c.id)


_booking_number = literal_column("bookings.state ->> 'booking_number'", Text)
"""Written as its index is."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages are wanted; null means any. `booking` is a booking's number, or its id."""

    status: str | None = None
    recipient: str | None = None
    booking_id: UUID | None = None
    customer_id: UUID | None = None
    kind: str | None = None
    channel: str | None = None
    booking: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """The same in SQL."""
        wanted: ColumnElement[bool] = true()
        for name in ("status", "booking_id", "customer_id", "kind", "channel"):
            value = getattr(self, name)
            if value is not None:
                wanted &= messages.c[name] == value
        if self.recipient:
            wanted &= messages.c.recipient == self.recipient.strip().lower()
        if self.booking:
            wanted &= _about(self.booking.strip())
        return wanted


def _about(booking: str) -> ColumnElement[bool]:
    try:
        return messages.c.booking_id == UUID(booking)
    except ValueError:
        return messages.c.booking_id.in_(select(bookings.c.id).where(_booking_number == booking.upper()))


async def list_messages(database: Database, filters: Filters, page: Page) -> tuple[list[dict[str, Any]], int]:
    """(the page's messages, newest first; how many there are in all)."""
    condition = filters.condition()
    wanted = select(*_COLUMNS).where(condition).order_by(messages.c.id.desc()).limit(page.size).offset(page.offset)
    rows = await database.fetch_all(wanted)
    total = await database.fetch_one(select(func.count()).select_from(messages).where(condition))
    return [dict(row._mapping) for row in rows], total[0] if total else 0


async def message_with_deliveries(database: Database, message_id: UUID) -> dict[str, Any] | None:
    """The message with each attempt to send it, and the ids of those that were sent again."""
    about = {"message_id": message_id}
    row = await database.fetch_one(_MESSAGE, about)
    if row is None:
        return None
    found = {attempt.attempt: dict(attempt._mapping) for attempt in await database.fetch_all(_DELIVERIES, about)}
    about |= {"first_id": row.resend_of or message_id, "of_booking": row.booking_id}
    resent = [other.id for other in await database.fetch_all(_RESENT, about)]
    attempts = [found.get(number) or _broken_off(number, row) for number in range(1, row.attempts + 1)]
    return {**row._mapping, "deliveries": [attempt for attempt in attempts if attempt], "sent_again_as": resent}


def _broken_off(number: int, message: Any) -> dict[str, Any] | None:
    """An attempt that left no word: it is being made, it came to nothing, or its process died."""
    status = "sending" if number == message.attempts and message.status == "sending" else "unknown"
    if status == "unknown" and message.status in ("dropped", "pending") and number == message.attempts:
        return None
    return {
        "attempt": number, "carrier": "", "status": status, "provider_id": "", "reason": "", "happened_at": None
    }  # fmt: skip
