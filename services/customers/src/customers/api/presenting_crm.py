"""Rows about all customers as answers."""

from typing import Any

from shared.http.csv import Cell
from shared.money import dollars
from sqlalchemy import Row

from customers.api.presenting import Json
from customers.domain.segments import SEGMENTS, SegmentCode, average_cents, share
from customers.queries.crm import Summary

CONTACT_COLUMNS = (
    "customer_id", "email", "name", "phone", "registered_at", "total_bookings", "total_spent_cents", "last_booking_at",
    "is_vip",
)  # fmt: skip
LINE_COLUMNS = ("customer_id", "name", "email", "is_new", "bookings", "paid_cents", "refunded_cents", "net_cents")


def summary(found: Summary) -> Json:
    """All customers in figures."""
    customers, guests = found.customers, found.guests
    spent, booked = int(customers.spent_cents), customers.with_bookings
    average = average_cents(spent, booked)
    return {
        "customers": customers.people,
        "customers_with_bookings": booked,
        "repeat_customers": customers.repeating,
        "repeat_rate": share(customers.repeating, booked),
        "vip_customers": customers.vips,
        "guests": guests.people,
        "guest_bookings": int(guests.bookings),
        "total_bookings": int(customers.bookings) + int(guests.bookings),
        "lifetime_value_cents": spent,
        "lifetime_value_dollars": dollars(spent),
        "average_lifetime_value_cents": average,
        "average_lifetime_value_dollars": dollars(average),
        "new_per_month": [{"month": row.month.date(), "customers": row.customers} for row in found.months],
        "by_service": [_service(row) for row in found.services],
    }


def _service(row: Row[Any]) -> Json:
    spent = int(row.spent_cents)
    told = {"service_type": row.service_type, "bookings": row.bookings, "people": row.people}
    return {**told, "spent_cents": spent, "spent_dollars": dollars(spent)}


def segments(sizes: dict[SegmentCode, int]) -> Json:
    """All groups with their sizes."""
    return {
        "segments": [
            {
                "code": segment.code,
                "name": segment.name,
                "description": segment.description,
                "count": sizes[segment.code],
            }
            for segment in SEGMENTS
        ]
    }


def contact(row: Row[Any]) -> Json:
    """Somebody in a segment."""
    spent = int(row.total_spent_cents)
    told = {name: getattr(row, name) for name in CONTACT_COLUMNS}
    return {**told, "total_spent_cents": spent, "total_spent_dollars": dollars(spent)}


def contact_line(row: Row[Any]) -> tuple[Cell, ...]:
    """The same under `CONTACT_COLUMNS`."""
    return tuple(contact(row)[name] for name in CONTACT_COLUMNS)


def report_line(row: Row[Any]) -> Json:
    """What one customer or guest brought in."""
    sums = {name: int(getattr(row, name)) for name in ("bookings", "paid_cents", "refunded_cents")}
    who = {"customer_id": row.customer_id, "name": row.name.strip(), "email": row.email, "is_new": row.is_new}
    return {**who, **sums, "net_cents": sums["paid_cents"] - sums["refunded_cents"]}


def report_cells(row: Row[Any]) -> tuple[Cell, ...]:
    """The same under `LINE_COLUMNS`."""
    return tuple(report_line(row).values())


def report_totals(row: Row[Any]) -> Json:
    """Sums over all lines."""
    sums = {name: int(getattr(row, name)) for name in ("bookings", "paid_cents", "refunded_cents")}
    net = sums["paid_cents"] - sums["refunded_cents"]
    return {"people": row.people, "new_customers": row.new, **sums, "net_cents": net, "net_dollars": dollars(net)}
