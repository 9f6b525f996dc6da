"""What customers and guests brought in within a time: one line each."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import BigInteger, Row, Select, String, Subquery, and_, case, cast, func, literal, null, select

from customers.adapters.people_tables import payment_facts
from customers.adapters.tables import accounts, booking_facts, refund_facts

AT_A_TIME = 5000


def _moved(since: datetime, until: datetime) -> Subquery:
    """Bookings, payments and refunds of the time, one row each: `booking_id, booked, paid_cents, refunded_cents`."""
    nothing = literal(0, BigInteger)
    booked_then = and_(booking_facts.c.paid_at >= since, booking_facts.c.paid_at < until)
    paid_then = and_(payment_facts.c.paid_at >= since, payment_facts.c.paid_at < until)
    when = refund_facts.c.refunded_at
    refunded_then = and_(when >= since, when < until, refund_facts.c.amount_cents > 0)
    counted = case((booking_facts.c.status != "cancelled", 1), else_=0)
    return (
        select(booking_facts.c.booking_id, counted.label("booked"), nothing.label("paid"), nothing.label("back"))
        .where(booked_then)
        .union_all(
            select(payment_facts.c.booking_id, nothing, payment_facts.c.captured_cents, nothing).where(paid_then),
            select(refund_facts.c.booking_id, nothing, nothing, refund_facts.c.amount_cents).where(refunded_then),
        )
        .subquery("moved")
    )


def lines_of(since: datetime, until: datetime) -> Subquery:
    """One row per customer or guest with `person`, a key by which they are in order."""
    moved = _moved(since, until)
    guest = case((booking_facts.c.customer_id.is_(None), booking_facts.c.contact_email), else_=null())
    person = func.coalesce(cast(booking_facts.c.customer_id, String), booking_facts.c.contact_email)
    sums = (
        select(
            person.label("person"),
            booking_facts.c.customer_id,
            guest.label("guest_email"),
            func.max(booking_facts.c.contact_name).label("contact_name"),
            func.sum(moved.c.booked).label("bookings"),
            func.sum(moved.c.paid).label("paid_cents"),
            func.sum(moved.c.back).label("refunded_cents"),
        )
        .join_from(moved, booking_facts, booking_facts.c.booking_id == moved.c.booking_id)
        .group_by(person, booking_facts.c.customer_id, guest)
        .subquery("sums")
    )
    name = func.coalesce(accounts.c.first_name + " " + accounts.c.last_name, sums.c.contact_name)
    email = case((accounts.c.erased_at.is_not(None), ""), else_=func.coalesce(accounts.c.email, sums.c.guest_email, ""))
    registered_then = and_(accounts.c.created_at >= since, accounts.c.created_at < until)
    return (
        select(
            sums.c.person,
            sums.c.customer_id,
            name.label("name"),
            email.label("email"),
            func.coalesce(registered_then, False).label("is_new"),
            sums.c.bookings,
            sums.c.paid_cents,
            sums.c.refunded_cents,
        )
        .outerjoin_from(sums, accounts, accounts.c.id == sums.c.customer_id)
        .subquery("lines")
    )


def _totals(lines: Subquery) -> Select[Any]:
    return select(
        func.count().label("people"),
        func.count().filter(lines.c.is_new).label("new"),
        *(
            func.coalesce(func.sum(lines.c[name]), 0).label(name)
            for name in ("bookings", "paid_cents", "refunded_cents")
        ),
    )


async def customers_report(
    database: Database, since: datetime, until: datetime, page: Page
) -> tuple[Row[Any], list[Row[Any]]]:
    """(sums over all lines, the page's lines, who paid most first)."""
    lines = lines_of(since, until)
    totals = await database.fetch_one(_totals(lines))
    assert totals is not None
    dearest = select(lines).order_by(lines.c.paid_cents.desc(), lines.c.person)
    return totals, await database.fetch_all(dearest.limit(page.size).offset(page.offset))


async def every_line(database: Database, since: datetime, until: datetime) -> AsyncIterator[Row[Any]]:
    """All lines, read five thousand at a time so that no statement takes long."""
    lines = lines_of(since, until)
    in_order = select(lines).order_by(lines.c.person).limit(AT_A_TIME)
    rows = await database.fetch_all(in_order)
    while rows:
        for row in rows:
            yield row
        rows = await database.fetch_all(in_order.where(lines.c.person > rows[-1].person))
