"""Writes the messages whose hour has come, without anything having happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import text

from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.domain.kinds import Kind
from notifications.domain.times import (
    REMINDS_AT,
    UNPAID_AFTER,
    local_moment,
    reminded_day,
    run_sheet_day,
)

AT_ONCE = 200
"""Messages in one transaction."""

_TOO_LATE = timedelta(hours=20)
"""After that a booking that is still unpaid is about to expire, and an old one was told of already."""

_NOT_TOLD = (
    "NOT EXISTS (SELECT FROM messages WHERE messages.booking_id = bookings.id AND messages.kind = :kind"
    " AND messages.channel = 'email' AND messages.cause = {cause})"
)
_COLUMNS = "SELECT id, customer_id, state->'contact'->>'email' AS email, window_start"
# Whoever booked or changed the move after that hour was told of the day just then.
_TOMORROWS = text(
    f"{_COLUMNS} FROM bookings WHERE status IN ('paid', 'confirmed') AND pickup_date = :day"
    " AND upcoming_since < :reminds_at AND window_start > :now AND "
    + _NOT_TOLD.format(cause="bookings.id || ':' || extract(epoch FROM window_start)::bigint")
    + " ORDER BY id LIMIT :at_once"
)
_UNPAID = text(
    f"{_COLUMNS} FROM bookings WHERE status = 'pending' AND booked_at BETWEEN :earliest AND :latest"
    " AND window_start > :now AND coalesce((state->'prices'->>'total_price_cents')::bigint, 0) > 0 AND "
    + _NOT_TOLD.format(cause="bookings.id::text")
    + " ORDER BY id LIMIT :at_once"
)


@dataclass(frozen=True, slots=True)
class WriteScheduled:
    """Reminders of tomorrow's moves, of bookings that wait for their payment, and tomorrow's run sheet."""


class Scheduler:
    """Looks at the copies of bookings, so that whoever reschedules or cancels changes what is due as well."""

    def __init__(self, writer: MessageWriter, zone: ZoneInfo) -> None:
        self._writer = writer
        self._zone = zone

    async def __call__(self, command: WriteScheduled, uow: UnitOfWork) -> int:
        """Writes up to 200 of each kind; returns how many. What was written before is not written again."""
        messages = [*await self._reminders(uow), *await self._unpaid(uow), *self._run_sheet(uow)]
        self._writer.write(messages, uow)
        return len(messages)

    async def _reminders(self, uow: UnitOfWork) -> Sequence[WriteMessage]:
        day = reminded_day(uow.now, self._zone)
        about = {
            "kind": Kind.REMINDER.value,
            "day": day,
            "reminds_at": local_moment(day - timedelta(days=1), REMINDS_AT, self._zone),
            "now": uow.now,
            "at_once": AT_ONCE,
        }
        return [self._reminder(row) for row in await uow.fetch_all(_TOMORROWS, about)]

    def _reminder(self, row: Any) -> WriteMessage:
        return WriteMessage(
            Kind.REMINDER,
            f"{row.id}:{int(row.window_start.timestamp())}",
            row.id,
            row.customer_id,
            recipient=row.email,
            facts={"window_start": row.window_start.isoformat()},
            useful_until=row.window_start,
        )

    async def _unpaid(self, uow: UnitOfWork) -> Sequence[WriteMessage]:
        about = {
            "kind": Kind.UNPAID_REMINDER.value,
            "earliest": uow.now - _TOO_LATE,
            "latest": uow.now - UNPAID_AFTER,
            "now": uow.now,
            "at_once": AT_ONCE,
        }
        rows = await uow.fetch_all(_UNPAID, about)
        return [
            WriteMessage(Kind.UNPAID_REMINDER, str(row.id), row.id, row.customer_id, recipient=row.email)
            for row in rows
        ]

    def _run_sheet(self, uow: UnitOfWork) -> Sequence[WriteMessage]:
        day = run_sheet_day(uow.now, self._zone)
        if day is None:
            return ()
        noon = local_moment(day, REMINDS_AT, self._zone) + timedelta(hours=3)
        return [WriteMessage(Kind.RUN_SHEET, day.isoformat(), facts={"day": day.isoformat()}, useful_until=noon)]
