"""All that booking holds about a customer, for themselves to read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.personal_data import Entries
from sqlalchemy import Column, Select, bindparam, select

from booking.adapters.logistics_tables import documents, ratings, stop_reports
from booking.adapters.tables import bookings

_OF_BOOKING = (
    "booking_number", "status", "first_name", "last_name", "email", "phone", "service_type", "package_type",
    "item_count", "item_description", "specialty_items", "include_packing", "include_unpacking", "is_same_day",
    "coi_required", "pickup_date", "pickup_time", "specific_pickup_hour", "pickup_address", "delivery_address",
    "special_instructions", "internal_notes", "prices", "discount_code", "created_at",
)  # fmt: skip
_OF_STEP = ("from_status", "to_status", "changed_at", "changed_by", "reason")
_MINE = bookings.c.customer_id == bindparam("customer")


def _beside(*columns: Column[Any]) -> Select[Any]:
    table = columns[0].table
    joined = select(bookings.c.booking_number, *columns).join(table, table.c.booking_id == bookings.c.id)
    return joined.where(_MINE).order_by(table.c.created_at)


_BOOKINGS = (
    select(*(bookings.c[name] for name in _OF_BOOKING), bookings.c.status_history)
    .where(_MINE)
    .order_by(bookings.c.created_at)
)
_RATINGS = _beside(ratings.c.rating, ratings.c.text, ratings.c.created_at)
_DOCUMENTS = _beside(documents.c.kind, documents.c.filename, documents.c.size_bytes, documents.c.created_at)
_NOTES = (
    select(bookings.c.booking_number, stop_reports.c.note)
    .join(stop_reports, stop_reports.c.booking_id == bookings.c.id)
    .where(_MINE, stop_reports.c.note != "")
)


async def data_about(database: Database, customer_id: UUID) -> Mapping[str, Entries]:
    """Bookings whole, ratings, files (their contents are with the bookings), and what crews noted."""
    who = {"customer": customer_id}
    moves = [dict(row._mapping) for row in await database.fetch_all(_BOOKINGS, who)]
    for move in moves:
        move["status_history"] = [{name: step[name] for name in _OF_STEP} for step in move["status_history"]]
    others = {"ratings": _RATINGS, "documents": _DOCUMENTS, "crew_notes": _NOTES}
    found = {name: await database.fetch_all(statement, who) for name, statement in others.items()}
    return {"moves": moves, **{name: [dict(row._mapping) for row in rows] for name, rows in found.items()}}
