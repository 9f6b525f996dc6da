"""Messages for staff."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, func, select, true

from notifications.adapters.tables import messages

_SHOWN = (
    "id", "kind", "channel", "status", "recipient", "subject", "booking_id", "customer_id", "attempts", "created_at",
    "sent_at", "failure_reason",
)  # fmt: skip
_COLUMNS = [messages.c[name] for name in _SHOWN]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages are wanted; null means any."""

    status: str | None = None
    recipient: str | None = None
    booking_id: UUID | None = None

    def condition(self) -> ColumnElement[bool]:
        """The same in SQL."""
        wanted: ColumnElement[bool] = true()
        if self.status:
            wanted &= messages.c.status == self.status
        if self.recipient:
            wanted &= messages.c.recipient == self.recipient.strip().lower()
        if self.booking_id:
            wanted &= messages.c.booking_id == self.booking_id
        return wanted


async def list_messages(database: Database, filters: Filters, page: Page) -> tuple[list[dict[str, Any]], int]:
    """(the page's messages, newest first; how many there are in all)."""
    condition = filters.condition()
    wanted = select(*_COLUMNS).where(condition).order_by(messages.c.id.desc()).limit(page.size).offset(page.offset)
    rows = await database.fetch_all(wanted)
    total = await database.fetch_one(select(func.count()).select_from(messages).where(condition))
    return [dict(row._mapping) for row in rows], total[0] if total else 0
