"""Reads for the office's view of all customers: segments, sums, months."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, String, Subquery, cast, func, literal, select

from customers.adapters.tables import accounts, booking_facts
from customers.domain.segments import CODES, LAPSED_AFTER, NEW_FOR, REPEATS_FROM, SegmentCode
from customers.queries.people import every_guest, everybody_registered
from customers.queries.statistics import COUNTS, money_by_booking

AT_A_TIME = 5000
MONTHS = 12


def _condition(code: SegmentCode, people: Subquery, now: datetime) -> ColumnElement[bool] | None:
    match code:
        case "new":
            return people.c.registered_at >= now - NEW_FOR
        case "repeat":
            return people.c.total_bookings >= REPEATS_FROM
        case "vip":
            return people.c.is_vip
        case "lapsed":
            return people.c.last_booking_at < now - LAPSED_AFTER
        case "guests":
            return None


def members_of(code: SegmentCode, now: datetime) -> tuple[Select[Any], Subquery]:
    """(the people of a segment, the people that it is chosen from)."""
    people = every_guest() if code == "guests" else everybody_registered()
    condition = _condition(code, people, now)
    members = select(people)
    return (members if condition is None else members.where(condition)), people


async def segment_sizes(database: Database, now: datetime) -> dict[SegmentCode, int]:
    """How many people are in each segment."""
    people, guests = everybody_registered(), every_guest()
    conditions = {code: _condition(code, people, now) for code in CODES}
    counts = [
        func.count().filter(condition).label(code) for code, condition in conditions.items() if condition is not None
    ]
    row = await database.fetch_one(select(*counts).select_from(people))
    found = await database.fetch_one(select(func.count()).select_from(guests))
    assert row is not None
    assert found is not None
    return {code: found[0] if code == "guests" else getattr(row, code) for code in CODES}


async def segment_page(database: Database, code: SegmentCode, now: datetime, page: Page) -> tuple[list[Row[Any]], int]:
    """(the page's people, who spent most first; the number of all)."""
    members, people = members_of(code, now)
    row = await database.fetch_one(select(func.count()).select_from(members.subquery()))
    dearest = members.order_by(people.c.total_spent_cents.desc(), people.c.email)
    rows = await database.fetch_all(dearest.limit(page.size).offset(page.offset))
    return rows, row[0] if row else 0


async def everybody_in(database: Database, code: SegmentCode, now: datetime) -> AsyncIterator[Row[Any]]:
    """All people of a segment by e-mail address, read five thousand at a time so that no statement takes long."""
    members, people = members_of(code, now)
    in_order = members.order_by(people.c.email).limit(AT_A_TIME)
    rows = await database.fetch_all(in_order)
    while rows:
        for row in rows:
            yield row
        rows = await database.fetch_all(in_order.where(people.c.email > rows[-1].email))


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums over all customers; `months` are (first day, customers who registered), `services` rows per service type."""

    customers: Row[Any]
    guests: Row[Any]
    months: list[Row[Any]]
    services: list[Row[Any]]


async def crm_summary(database: Database, now: datetime, zone: ZoneInfo) -> Summary:
    """As of `now`; months are those of the business time zone."""
    customers = await database.fetch_one(_sums(everybody_registered()))
    guests = await database.fetch_one(_sums(every_guest()))
    assert customers is not None
    assert guests is not None
    months = await database.fetch_all(_months(now, zone))
    return Summary(customers, guests, months, await database.fetch_all(_services()))


def _sums(people: Subquery) -> Select[Any]:
    booked = people.c.total_bookings
    return select(
        func.count().label("people"),
        func.count().filter(booked >= 1).label("with_bookings"),
        func.count().filter(booked >= REPEATS_FROM).label("repeating"),
        func.count().filter(people.c.is_vip).label("vips"),
        func.coalesce(func.sum(people.c.total_spent_cents), 0).label("spent_cents"),
        func.coalesce(func.sum(booked), 0).label("bookings"),
    )


def _months(now: datetime, zone: ZoneInfo) -> Select[Any]:
    local = now.astimezone(zone)
    months_ago = local.year * 12 + local.month - MONTHS
    first = datetime(months_ago // 12, months_ago % 12 + 1, 1, tzinfo=zone)
    month = func.date_trunc("month", func.timezone(literal(zone.key), accounts.c.created_at)).label("month")
    return (
        select(month, func.count().label("customers"))
        .where(accounts.c.kind == "customer", accounts.c.created_at >= first)
        .group_by(month)
        .order_by(month)
    )


def _services() -> Select[Any]:
    money = money_by_booking()
    person = func.coalesce(cast(booking_facts.c.customer_id, String), booking_facts.c.contact_email)
    return (
        select(
            booking_facts.c.service_type,
            func.count().filter(COUNTS).label("bookings"),
            func.count(person.distinct()).filter(COUNTS).label("people"),
            func.coalesce(func.sum(money.c.paid_cents - money.c.refunded_cents), 0).label("spent_cents"),
        )
        .outerjoin_from(booking_facts, money, money.c.booking_id == booking_facts.c.booking_id)
        .group_by(booking_facts.c.service_type)
        .order_by(booking_facts.c.service_type)
    )
