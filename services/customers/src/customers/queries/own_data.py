"""Reads of a customer's own data: the dashboard, and all there is about them."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import Date, Row, Select, bindparam, or_, select

from customers.adapters.people_tables import contact_messages, customer_notes, payment_facts
from customers.adapters.tables import booking_facts, refund_facts
from customers.domain.forgetting import OPEN_STATUSES

SHOWN = 5

_MINE = booking_facts.c.customer_id == bindparam("id")
_RECENT: Select[Any] = (
    select(booking_facts)
    .where(_MINE)
    .order_by(booking_facts.c.created_at.desc(), booking_facts.c.booking_id)
    .limit(SHOWN)
)
_UPCOMING: Select[Any] = (
    select(booking_facts)
    .where(
        _MINE,
        booking_facts.c.status.in_(OPEN_STATUSES),
        booking_facts.c.pickup_date >= bindparam("today", type_=Date),
    )
    .order_by(booking_facts.c.pickup_date, booking_facts.c.created_at)
    .limit(SHOWN)
)

BOOKINGS: Select[Any] = select(booking_facts).where(_MINE).order_by(booking_facts.c.created_at.desc())
PAYMENTS: Select[Any] = (
    select(payment_facts, booking_facts.c.booking_number)
    .join(booking_facts, booking_facts.c.booking_id == payment_facts.c.booking_id)
    .where(_MINE)
    .order_by(payment_facts.c.paid_at.desc())
)
REFUNDS: Select[Any] = (
    select(refund_facts, booking_facts.c.booking_number)
    .join(booking_facts, booking_facts.c.booking_id == refund_facts.c.booking_id)
    .where(_MINE, refund_facts.c.amount_cents > 0)
    .order_by(refund_facts.c.refunded_at.desc())
)
NOTES: Select[Any] = (
    select(customer_notes)
    .where(customer_notes.c.customer_id == bindparam("id"))
    .order_by(customer_notes.c.written_at.desc(), customer_notes.c.id.desc())
)
MESSAGES: Select[Any] = (
    select(contact_messages)
    .where(or_(contact_messages.c.customer_id == bindparam("id"), contact_messages.c.email == bindparam("email")))
    .order_by(contact_messages.c.received_at.desc())
)


async def recent_and_upcoming(
    database: Database, customer_id: UUID, today: date
) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """(the five latest bookings, the five next moves that are not over, from `today` on)."""
    recent = await database.fetch_all(_RECENT, {"id": customer_id})
    return recent, await database.fetch_all(_UPCOMING, {"id": customer_id, "today": today})


async def all_about(database: Database, customer_id: UUID, email: str) -> dict[str, list[Row[Any]]]:
    """Everything beside the account itself; `email` is empty unless it is known to be theirs."""
    who = {"id": customer_id}
    return {
        "bookings": await database.fetch_all(BOOKINGS, who),
        "payments": await database.fetch_all(PAYMENTS, who),
        "refunds": await database.fetch_all(REFUNDS, who),
        "notes": await database.fetch_all(NOTES, who),
        "messages": await database.fetch_all(MESSAGES, {**who, "email": email}),
    }
