"""Staff's view of customers: search, and one customer with bookings and payments."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select

from customers.adapters.tables import accounts, booking_facts
from customers.domain.statistics import VIP_BOOKINGS, VIP_SPENT_CENTS
from customers.queries.accounts import CUSTOMERS, TOTALS
from customers.queries.statistics import REFUNDED_CENTS

FEWEST_DIGITS = 3
LONGEST_HISTORY = 100

_FIRST_NAME, _LAST_NAME = func.lower(accounts.c.first_name), func.lower(accounts.c.last_name)
_IS_VIP = or_(TOTALS.c.total_bookings >= VIP_BOOKINGS, TOTALS.c.total_spent_cents >= VIP_SPENT_CENTS)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers are wanted; `search` is the beginning of a name, e-mail address or phone, or a booking number."""

    search: str | None = None
    is_vip: bool | None = None
    total_bookings_min: int | None = None
    registered_since: datetime | None = None
    registered_until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What is asked of the account itself."""
        found: list[ColumnElement[bool]] = [accounts.c.kind == "customer"]
        if self.search:
            found.append(_matches(self.search))
        if self.registered_since is not None:
            found.append(accounts.c.created_at >= self.registered_since)
        if self.registered_until is not None:
            found.append(accounts.c.created_at < self.registered_until)
        return found

    def totals_conditions(self) -> list[ColumnElement[bool]]:
        """What is asked of the sums over the bookings, which cost more to know."""
        found: list[ColumnElement[bool]] = []
        if self.is_vip is not None:
            found.append(_IS_VIP if self.is_vip else ~_IS_VIP)
        if self.total_bookings_min:
            found.append(TOTALS.c.total_bookings >= self.total_bookings_min)
        return found


def _prefix(text: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return f"{escaped}%"


def _matches(search: str) -> ColumnElement[bool]:
    text = _prefix(search.lower())
    numbered = select(booking_facts.c.customer_id).where(booking_facts.c.booking_number == search.upper())
    ways: list[ColumnElement[bool]] = [
        accounts.c.email.like(text),
        _FIRST_NAME.like(text),
        _LAST_NAME.like(text),
        accounts.c.id.in_(numbered),
    ]
    first, blank, last = search.lower().rpartition(" ")
    if blank:
        ways.append(and_(_FIRST_NAME.like(_prefix(first.strip())), _LAST_NAME.like(_prefix(last))))
    digits = re.sub(r"[^0-9]", "", search)
    if len(digits) >= FEWEST_DIGITS:
        ways += [accounts.c.phone.like(f"{start}{digits}%") for start in ("+1", "+", "")]
    return or_(*ways)


async def customers_page(database: Database, wanted: CustomerFilter, page: Page) -> tuple[list[Row[Any]], int]:
    """(the page's customers with totals, newest first, the number of all that fit)."""
    conditions, of_totals = wanted.conditions(), wanted.totals_conditions()
    found = CUSTOMERS.where(*conditions, *of_totals)
    counted: Select[Any] = found if of_totals else select(accounts.c.id).where(*conditions)
    newest_first = found.order_by(accounts.c.created_at.desc(), accounts.c.id.desc())
    async with database.reading() as connection:
        count = await connection.scalar(select(func.count()).select_from(counted.subquery()))
        rows = (await connection.execute(newest_first.limit(page.size).offset(page.offset))).all()
    return list(rows), count or 0


BOOKINGS_OF_CUSTOMER: Select[Any] = (
    select(booking_facts, REFUNDED_CENTS.label("refunded_cents"))
    .where(booking_facts.c.customer_id == bindparam("id"))
    .order_by(booking_facts.c.created_at.desc())
    .limit(LONGEST_HISTORY)
)
"""A customer's latest bookings with what was paid and went back."""
