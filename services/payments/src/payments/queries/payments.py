"""Reads of payments, for routes and errands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.clock import utc_now
from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Table, bindparam, func, select

from payments.adapters.repository import (
    BOOKINGS,
    PAYMENTS,
    REFUNDS,
    booking_of,
    payment_of,
    refund_of,
)
from payments.adapters.tables import billable_bookings, ledger_entries, payment_audit, payments, refunds
from payments.domain.booking import PURPOSE, BillableBooking
from payments.domain.errors import BookingNotFound, PaymentNotFound
from payments.domain.payment import Payment
from payments.domain.refund import Refund

_MAKING = select(payments.c.stripe_payment_intent_id, payments.c.leased_until).where(payments.c.id == bindparam("id"))
_BY_INTENT = PAYMENTS.where(payments.c.stripe_payment_intent_id == bindparam("intent_id"))
_BY_ID = PAYMENTS.where(payments.c.id == bindparam("id"))
_LATEST = (
    PAYMENTS.where(
        payments.c.booking_id == bindparam("booking_id"),
        payments.c.purpose == PURPOSE,
        payments.c.duplicate_of.is_(None),
    )
    .order_by(payments.c.created_at.desc(), payments.c.id.desc())
    .limit(1)
)
_SUMS = select(
    func.coalesce(func.sum(payments.c.captured_cents), 0).label("captured"),
    func.coalesce(func.sum(payments.c.refunded_cents), 0).label("refunded"),
).where(payments.c.booking_id == bindparam("booking_id"), payments.c.duplicate_of.is_(None))
_BOOKING_BY_NUMBER = BOOKINGS.where(billable_bookings.c.booking_number == bindparam("booking_number"))
_BOOKING_BY_ID = BOOKINGS.where(billable_bookings.c.id == bindparam("id"))


_HOLDS_PLACE = select(billable_bookings.c.holds_place, billable_bookings.c.status).where(
    billable_bookings.c.id == bindparam("id")
)


@dataclass(frozen=True, slots=True)
class MakingState:
    """How far the making of a payment's intent has come."""

    intent_id: str | None
    being_made: bool


async def making_state(database: Database, payment_id: UUID) -> MakingState | None:
    """Whether the payment's intent exists and whether somebody is making it."""
    row = await database.fetch_one(_MAKING, {"id": payment_id})
    if row is None:
        return None
    return MakingState(row.stripe_payment_intent_id, row.leased_until is not None and row.leased_until > utc_now())


async def holds_place(database: Database, booking_id: UUID) -> bool:
    """Whether the booking may be paid as far as its place goes: only unpaid ones ever lose theirs."""
    row = await database.fetch_one(_HOLDS_PLACE, {"id": booking_id})
    return row is None or row.holds_place or row.status != "pending"


async def intent_of_payment(database: Database, payment_id: UUID) -> str:
    """The payment's intent at Stripe; raises `PaymentNotFound` if it has none."""
    row = await database.fetch_one(_BY_ID, {"id": payment_id})
    if row is None or row.intent_id is None:
        raise PaymentNotFound()
    return str(row.intent_id)


async def payment_of_intent(database: Database, intent_id: str) -> Payment:
    """Raises `PaymentNotFound`."""
    row = await database.fetch_one(_BY_INTENT, {"intent_id": intent_id})
    if row is None:
        raise PaymentNotFound()
    return payment_of(row)


async def get_payment(database: Database, payment_id: UUID) -> Payment:
    """Raises `PaymentNotFound`."""
    row = await database.fetch_one(_BY_ID, {"id": payment_id})
    if row is None:
        raise PaymentNotFound()
    return payment_of(row)


async def latest_payment(database: Database, booking_id: UUID) -> Payment | None:
    """The newest payment of the booking's price."""
    row = await database.fetch_one(_LATEST, {"booking_id": booking_id})
    return payment_of(row) if row else None


@dataclass(frozen=True, slots=True)
class Sums:
    """What was captured for a booking and what of it went back, in cents, over all its purposes."""

    captured_cents: int
    refunded_cents: int


async def sums_of(database: Database, booking_id: UUID) -> Sums:
    """The booking's sums; money that came in twice and went back is none of it."""
    row = await database.fetch_one(_SUMS, {"booking_id": booking_id})
    assert row is not None
    return Sums(int(row.captured), int(row.refunded))


async def booking_by_number(database: Database, booking_number: str) -> BillableBooking:
    """Raises `BookingNotFound`."""
    row = await database.fetch_one(_BOOKING_BY_NUMBER, {"booking_number": booking_number})
    if row is None:
        raise BookingNotFound()
    return booking_of(row)


async def booking_by_id(database: Database, booking_id: UUID) -> BillableBooking:
    """Raises `BookingNotFound`."""
    row = await database.fetch_one(_BOOKING_BY_ID, {"id": booking_id})
    if row is None:
        raise BookingNotFound()
    return booking_of(row)


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What staff look for; nulls match everything. Times are instants, `created_before` is excluded."""

    statuses: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_before: datetime | None = None
    booking_number: str | None = None
    booking_id: UUID | None = None
    customer_id: UUID | None = None
    email: str | None = None


async def find_payments(database: Database, wanted: PaymentFilter, page: Page) -> tuple[list[Row[Any]], int]:
    """(rows of the page with the customers' e-mail addresses, count of all), newest first."""
    joined = PAYMENTS.add_columns(billable_bookings.c.email).join(
        billable_bookings, billable_bookings.c.id == payments.c.booking_id
    )
    chosen = joined.where(*_conditions(payments, wanted))
    rows = await database.fetch_all(
        chosen.order_by(payments.c.created_at.desc(), payments.c.id.desc()).limit(page.size).offset(page.offset)
    )
    count = await database.fetch_one(select(func.count()).select_from(chosen.subquery()))
    return rows, int(count[0]) if count else 0


def _conditions(table: Table, wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    columns = table.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.statuses:
        conditions.append(columns.status.in_(wanted.statuses))
    if wanted.created_from:
        conditions.append(columns.created_at >= wanted.created_from)
    if wanted.created_before:
        conditions.append(columns.created_at < wanted.created_before)
    if wanted.booking_number:
        conditions.append(columns.booking_number == wanted.booking_number)
    if wanted.booking_id:
        conditions.append(columns.booking_id == wanted.booking_id)
    if wanted.customer_id:
        conditions.append(billable_bookings.c.customer_id == wanted.customer_id)
    if wanted.email:
        conditions.append(billable_bookings.c.email == wanted.email.lower())
    return conditions


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A payment with all that happened to it."""

    payment: Payment
    refunds: list[Refund]
    audit: list[Row[Any]]
    entries: list[Row[Any]]


async def payment_file(database: Database, payment_id: UUID) -> PaymentFile:
    """Raises `PaymentNotFound`."""
    payment = await get_payment(database, payment_id)
    async with database.reading() as connection:
        refund_rows = await connection.execute(
            REFUNDS.where(refunds.c.payment_id == payment_id).order_by(refunds.c.created_at)
        )
        audit = await connection.execute(
            select(payment_audit).where(payment_audit.c.payment_id == payment_id).order_by(payment_audit.c.id)
        )
        entries = await connection.execute(
            select(ledger_entries).where(ledger_entries.c.payment_id == payment_id).order_by(ledger_entries.c.id)
        )
        return PaymentFile(payment, [refund_of(row) for row in refund_rows], list(audit), list(entries))


async def find_refunds(database: Database, wanted: PaymentFilter, page: Page) -> tuple[list[Refund], int]:
    """(refunds of the page, count of all), newest first. A refund's customer is that of its booking."""
    chosen = REFUNDS.join(billable_bookings, billable_bookings.c.id == refunds.c.booking_id)
    chosen = chosen.where(*_conditions(refunds, wanted))
    rows = await database.fetch_all(
        chosen.order_by(refunds.c.created_at.desc(), refunds.c.id.desc()).limit(page.size).offset(page.offset)
    )
    count = await database.fetch_one(select(func.count()).select_from(chosen.subquery()))
    return [refund_of(row) for row in rows], int(count[0]) if count else 0
