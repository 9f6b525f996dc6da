"""Everybody who ever registered or booked, one row each, with what their bookings come to."""

from typing import Any

from sqlalchemy import UUID, ColumnElement, DateTime, Select, Subquery, cast, false, func, null, or_, select

from customers.adapters.tables import accounts, booking_facts, customers
from customers.domain.statistics import VIP_BOOKINGS, VIP_SPENT_CENTS
from customers.queries.statistics import COUNTS, money_by_booking


def _sums_by(key: ColumnElement[Any]) -> Select[Any]:
    """Sums over bookings, one row for each value of `key`."""
    money = money_by_booking()
    return (
        select(
            key,
            func.count().filter(COUNTS).label("total_bookings"),
            func.coalesce(func.sum(money.c.paid_cents - money.c.refunded_cents), 0).label("total_spent_cents"),
            func.max(booking_facts.c.paid_at).filter(COUNTS).label("last_booking_at"),
        )
        .outerjoin_from(booking_facts, money, money.c.booking_id == booking_facts.c.booking_id)
        .group_by(key)
    )


def everybody_registered() -> Subquery:
    """All customers."""
    owner = booking_facts.c.customer_id
    sums = _sums_by(owner).where(owner.is_not(None)).subquery("sums")
    booked = func.coalesce(sums.c.total_bookings, 0)
    spent = func.coalesce(sums.c.total_spent_cents, 0)
    return (
        select(
            accounts.c.id.label("customer_id"),
            accounts.c.email,
            (accounts.c.first_name + " " + accounts.c.last_name).label("name"),
            accounts.c.phone,
            accounts.c.created_at.label("registered_at"),
            booked.label("total_bookings"),
            spent.label("total_spent_cents"),
            sums.c.last_booking_at,
            or_(customers.c.vip_by_hand, booked >= VIP_BOOKINGS, spent >= VIP_SPENT_CENTS).label("is_vip"),
        )
        .select_from(accounts.join(customers, customers.c.id == accounts.c.id))
        .outerjoin(sums, sums.c.customer_id == accounts.c.id)
        .where(accounts.c.erased_at.is_(None))
        .subquery("people")
    )


def every_guest() -> Subquery:
    """All addresses that booked as guests and have no account. Of several names that they gave, one is told."""
    email = booking_facts.c.contact_email
    registered = select(accounts.c.id).where(accounts.c.email == email).exists()
    sums = (
        _sums_by(email)
        .add_columns(
            func.max(booking_facts.c.contact_name).label("name"), func.max(booking_facts.c.contact_phone).label("phone")
        )
        .where(booking_facts.c.customer_id.is_(None), email != "", ~registered)
        .subquery("sums")
    )
    return select(
        cast(null(), UUID).label("customer_id"),
        sums.c.contact_email.label("email"),
        sums.c.name,
        sums.c.phone,
        cast(null(), DateTime(timezone=True)).label("registered_at"),
        sums.c.total_bookings,
        sums.c.total_spent_cents,
        sums.c.last_booking_at,
        false().label("is_vip"),
    ).subquery("people")
