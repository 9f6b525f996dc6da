"""Staff's view of customers: search, and one customer with bookings and payments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, bindparam, cast, false, func, literal, or_, select, union
from sqlalchemy.dialects.postgresql import TSQUERY

from customers.adapters.tables import accounts, booking_facts, customers
from customers.domain.search import number_prefix_of, prefixes_of
from customers.domain.statistics import VIP_BOOKINGS, VIP_SPENT_CENTS
from customers.queries.accounts import CUSTOMERS, TOTALS
from customers.queries.statistics import PAID_CENTS, REFUNDED_CENTS

LONGEST_HISTORY = 100

_IS_VIP = or_(
    customers.c.vip_by_hand,
    TOTALS.c.total_bookings >= VIP_BOOKINGS,
    TOTALS.c.total_spent_cents >= VIP_SPENT_CENTS,
)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers are wanted.

    `search` holds beginnings of words of their name, e-mail address or phone, or of a booking number.
    """

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


def _matches(search: str) -> ColumnElement[bool]:
    """Each way on an index of its own, which an `OR` of conditions on two tables would keep from being used."""
    ways: list[Select[Any]] = []
    if (prefixes := prefixes_of(search)) is not None:
        query = cast(literal(prefixes), TSQUERY)
        ways.append(select(accounts.c.id).where(accounts.c.search.bool_op("@@")(query)))
    if (number := number_prefix_of(search)) is not None:
        numbered = booking_facts.c.booking_number.like(f"{number}%"), booking_facts.c.customer_id.is_not(None)
        ways.append(select(booking_facts.c.customer_id).where(*numbered))
    return accounts.c.id.in_(union(*ways)) if ways else false()


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
    select(booking_facts, PAID_CENTS.label("received_cents"), REFUNDED_CENTS.label("refunded_cents"))
    .where(booking_facts.c.customer_id == bindparam("id"))
    .order_by(booking_facts.c.created_at.desc())
    .limit(LONGEST_HISTORY)
)
"""A customer's latest bookings with what was paid and went back."""
