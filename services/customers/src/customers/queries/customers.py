"""Staff's view of customers: search, and one customer with bookings and payments."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, bindparam, cast, false, func, literal, or_, select, tuple_, union
from sqlalchemy.dialects.postgresql import TSQUERY

from customers.adapters.people_tables import customer_notes, payment_facts
from customers.adapters.tables import accounts, booking_facts, customers, refund_facts
from customers.domain.search import number_prefix_of, prefixes_of
from customers.domain.statistics import VIP_BOOKINGS, VIP_SPENT_CENTS
from customers.queries.accounts import CUSTOMERS, TOTALS

LONGEST_HISTORY = 100
AT_A_TIME = 1000

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
        found: list[ColumnElement[bool]] = [accounts.c.kind == "customer", accounts.c.erased_at.is_(None)]
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
    """Each way on an index of its own, which an `OR` of conditions on two tables would keep from being used.

    `OFFSET 0` keeps the search by itself: mixed with the rest, the database may walk through all customers, newest
    first, in the hope of a full page soon.
    """
    prefixes, number = prefixes_of(search), number_prefix_of(search)
    if prefixes is None:
        return false()
    found = select(accounts.c.id).where(accounts.c.search.bool_op("@@")(cast(literal(prefixes), TSQUERY)))
    if number is None:
        return accounts.c.id.in_(found.offset(0))
    begins = booking_facts.c.booking_number.like(f"{number}%"), booking_facts.c.customer_id.is_not(None)
    return accounts.c.id.in_(union(found, select(booking_facts.c.customer_id).where(*begins)))


Ordering = Literal[
    "created_at", "-created_at", "name", "-name", "total_bookings", "-total_bookings", "total_spent", "-total_spent",
    "last_booking_at", "-last_booking_at",
]  # fmt: skip

_WITHOUT_TOTALS = ("created_at", "name")
_LONG_AGO = literal(datetime(1970, 1, 1, tzinfo=UTC))
_ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "created_at": (accounts.c.created_at,),
    "name": (func.lower(accounts.c.last_name), func.lower(accounts.c.first_name)),
    "total_bookings": (TOTALS.c.total_bookings,),
    "total_spent": (TOTALS.c.total_spent_cents,),
    "last_booking_at": (func.coalesce(TOTALS.c.last_booking_at, _LONG_AGO),),
}


def _ordered(ordering: Ordering) -> list[ColumnElement[Any]]:
    name = ordering.removeprefix("-")
    columns = (*_ORDERS[name], accounts.c.id)
    return [column.desc() if ordering != name else column.asc() for column in columns]


def page_statement(wanted: CustomerFilter, page: Page, ordering: Ordering = "-created_at") -> Select[Any]:
    """The page's customers with totals. If nothing depends on totals, they are made for these customers alone."""
    conditions, of_totals, order = wanted.conditions(), wanted.totals_conditions(), _ordered(ordering)
    if of_totals or ordering.removeprefix("-") not in _WITHOUT_TOTALS:
        return CUSTOMERS.where(*conditions, *of_totals).order_by(*order).limit(page.size).offset(page.offset)
    shown = select(accounts.c.id).where(*conditions).order_by(*order).limit(page.size).offset(page.offset)
    return CUSTOMERS.where(accounts.c.id.in_(shown)).order_by(*order)


def count_statement(wanted: CustomerFilter) -> Select[Any]:
    """How many fit; sums over bookings are made only if they are asked for."""
    conditions, of_totals = wanted.conditions(), wanted.totals_conditions()
    found: Select[Any] = select(accounts.c.id).where(*conditions)
    if of_totals:
        found = CUSTOMERS.where(*conditions, *of_totals)
    return select(func.count()).select_from(found.subquery())


async def customers_page(
    database: Database, wanted: CustomerFilter, page: Page, ordering: Ordering = "-created_at"
) -> tuple[list[Row[Any]], int]:
    """(the page's customers with totals, the number of all that fit)."""
    async with database.reading() as connection:
        count = await connection.scalar(count_statement(wanted))
        rows = await connection.fetch_all(page_statement(wanted, page, ordering))
    return rows, count or 0


async def every_customer(database: Database, wanted: CustomerFilter) -> AsyncIterator[Row[Any]]:
    """All customers that fit, newest first, read a thousand at a time so that no statement takes long."""
    found = CUSTOMERS.where(*wanted.conditions(), *wanted.totals_conditions())
    newest_first = found.order_by(accounts.c.created_at.desc(), accounts.c.id.desc()).limit(AT_A_TIME)
    rows = await database.fetch_all(newest_first)
    while rows:
        for row in rows:
            yield row
        older = tuple_(accounts.c.created_at, accounts.c.id) < tuple_(rows[-1].created_at, rows[-1].id)
        rows = await database.fetch_all(newest_first.where(older))


BOOKINGS_OF_CUSTOMER: Select[Any] = (
    select(booking_facts)
    .where(booking_facts.c.customer_id == bindparam("id"))
    .order_by(booking_facts.c.created_at.desc(), booking_facts.c.booking_id)
)

_REFUNDED_OF_PAYMENT = (
    select(func.coalesce(func.sum(refund_facts.c.amount_cents), 0))
    .where(refund_facts.c.booking_id == payment_facts.c.booking_id)
    .where(refund_facts.c.payment_id == payment_facts.c.payment_id)
    .correlate(payment_facts)
    .scalar_subquery()
)
PAYMENTS_OF_CUSTOMER: Select[Any] = (
    select(payment_facts, booking_facts.c.booking_number, _REFUNDED_OF_PAYMENT.label("refunded_cents"))
    .join(booking_facts, booking_facts.c.booking_id == payment_facts.c.booking_id)
    .where(booking_facts.c.customer_id == bindparam("id"))
    .order_by(payment_facts.c.paid_at.desc(), payment_facts.c.payment_id)
)

NOTES_OF_CUSTOMER: Select[Any] = (
    select(customer_notes, accounts.c.first_name, accounts.c.last_name)
    .outerjoin_from(customer_notes, accounts, accounts.c.id == customer_notes.c.staff_id)
    .where(customer_notes.c.customer_id == bindparam("id"))
    .order_by(customer_notes.c.written_at.desc(), customer_notes.c.id.desc())
)
"""With the names of those who wrote them."""
