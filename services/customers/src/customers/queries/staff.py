"""Reads of the list of staff."""

from dataclasses import dataclass
from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, func, or_, select

from customers.adapters.tables import accounts, staff
from customers.queries.accounts import STAFF


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """Which accounts are wanted; `search` is the beginning of a name, an e-mail address or an employee id."""

    search: str | None = None
    role: str | None = None
    is_active: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        found: list[ColumnElement[bool]] = [accounts.c.erased_at.is_(None)]
        if self.search:
            whole_name = accounts.c.first_name + " " + accounts.c.last_name
            sought = (accounts.c.email, whole_name, accounts.c.last_name, staff.c.employee_id)
            found.append(or_(*(column.istartswith(self.search, autoescape=True) for column in sought)))
        if self.role is not None:
            found.append(staff.c.role == self.role)
        if self.is_active is not None:
            found.append(staff.c.is_active == self.is_active)
        return found


async def staff_page(database: Database, wanted: StaffFilter, page: Page) -> tuple[list[Row[Any]], int]:
    """(the page's accounts by name, the number of all that fit)."""
    conditions = wanted.conditions()
    counted = select(func.count()).select_from(staff.join(accounts, accounts.c.id == staff.c.id)).where(*conditions)
    named = STAFF.where(*conditions).order_by(accounts.c.last_name, accounts.c.first_name, accounts.c.id)
    async with database.reading() as connection:
        count = await connection.scalar(counted)
        rows = (await connection.execute(named.limit(page.size).offset(page.offset))).all()
    return list(rows), count or 0
