"""Reads of the staff audit log, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, func, select

from customers.adapters.tables import accounts, staff_audit


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted: from `since` (inclusive) until `until` (exclusive); null means all."""

    staff_id: UUID | None = None
    action_type: str | None = None
    customer_id: UUID | None = None
    booking_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        wanted = {
            staff_audit.c.staff_id: self.staff_id,
            staff_audit.c.action_type: self.action_type,
            staff_audit.c.customer_id: self.customer_id,
            staff_audit.c.booking_id: self.booking_id,
        }
        found: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
        if self.since is not None:
            found.append(staff_audit.c.happened_at >= self.since)
        if self.until is not None:
            found.append(staff_audit.c.happened_at < self.until)
        return found


_ENTRIES = select(
    staff_audit, accounts.c.email.label("staff_email"), accounts.c.first_name, accounts.c.last_name
).outerjoin_from(staff_audit, accounts, accounts.c.id == staff_audit.c.staff_id)


async def audit_page(database: Database, wanted: AuditFilter, page: Page) -> tuple[list[Row[Any]], int]:
    """(the page's entries, the number of all that fit)."""
    conditions = wanted.conditions()
    newest_first = _ENTRIES.where(*conditions).order_by(staff_audit.c.happened_at.desc(), staff_audit.c.id.desc())
    async with database.reading() as connection:
        count = await connection.scalar(select(func.count()).select_from(staff_audit).where(*conditions))
        rows = (await connection.execute(newest_first.limit(page.size).offset(page.offset))).all()
    return list(rows), count or 0
