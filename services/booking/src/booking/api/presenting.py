"""Bookings as answers show them."""

from typing import Any

from shared.money import dollars
from sqlalchemy import Row

from booking.domain.booking import Booking
from booking.domain.cancellation import CancellationRefund
from booking.domain.price_documents import pricing_document
from booking.domain.settling import amount_due, due_of
from booking.queries.bookings import Found

_AS_IT_IS = (
    "id",
    "booking_number",
    "version",
    "status",
    "service_type",
    "package_type",
    "item_count",
    "item_description",
    "include_packing",
    "include_unpacking",
    "is_same_day",
    "coi_required",
    "is_outside_core_area",
    "pickup_date",
    "pickup_time",
    "specific_pickup_hour",
    "window_start",
    "window_end",
    "pickup_address",
    "delivery_address",
    "special_instructions",
    "discount_code",
    "catalog_version",
    "total_price_cents",
    "created_at",
    "updated_at",
    "paid_at",
    "expires_at",
)
_IN_LISTS = (
    "id",
    "booking_number",
    "version",
    "status",
    "service_type",
    "package_type",
    "item_count",
    "pickup_date",
    "pickup_time",
    "specific_pickup_hour",
    "pickup_address",
    "delivery_address",
    "total_price_cents",
    "created_at",
)


def full_name(person: Booking | Row[Any]) -> str:
    """First and last name; empty for somebody who was erased."""
    return f"{person.first_name} {person.last_name}".strip()


def booking_document(booking: Booking) -> dict[str, Any]:
    """A booking for whoever may see all of it."""
    return {
        **{name: getattr(booking, name) for name in _AS_IT_IS},
        "specialty_items": [
            {**item, "unit_price_dollars": dollars(item["unit_price_cents"])} for item in booking.specialty_items
        ],
        "customer_name": full_name(booking),
        "customer_email": booking.email,
        "pricing": pricing_document(booking.prices, booking.price_detail),
        "total_price_dollars": dollars(booking.total_price_cents),
        "amount_due_cents": due_cents(booking),
    }


def updated_document(booking: Booking) -> dict[str, Any]:
    """A booking after a change by staff."""
    return {"updated_booking": {**booking_document(booking), "internal_notes": booking.internal_notes}}


def due_cents(booking: Booking) -> int:
    """What is to be paid now, for the booking or for a change of it."""
    due = amount_due(booking)
    return due.cents if due else 0


def summary_document(row: Row[Any]) -> dict[str, Any]:
    """A booking in a list."""
    return {
        **{name: getattr(row, name) for name in _IN_LISTS},
        "customer_name": full_name(row),
        "total_price_dollars": dollars(row.total_price_cents),
        "payment_status": shown_payment_status(row.payment_status, row.total_price_cents),
    }


def staff_summary_document(row: Row[Any]) -> dict[str, Any]:
    """A booking in the office's list: with whom to call about it."""
    return {
        **{name: getattr(row, name) for name in _IN_LISTS},
        "customer_id": row.customer_id,
        "customer_name": full_name(row),
        "customer_email": row.email,
        "customer_phone": row.phone,
        "total_price_dollars": dollars(row.total_price_cents),
        "paid_cents": row.paid_cents,
        "amount_due_cents": row_due_cents(row),
        "payment_status": row.payment_status,
    }


def row_due_cents(row: Row[Any]) -> int:
    """What is to be paid now for a booking of the office's list."""
    due = due_of(row.status, row.total_price_cents, row.adjustments)
    return due.cents if due else 0


def status_document(booking: Booking) -> dict[str, Any]:
    """What anybody who knows the number may see: numbers can be guessed, so there is nobody's full name in it."""
    return {
        "booking_number": booking.booking_number,
        "status": booking.status,
        "customer_name": f"{booking.first_name} {booking.last_name[:1]}." if booking.last_name else booking.first_name,
        "service_type": booking.service_type,
        "pickup_date": booking.pickup_date,
        "pickup_time": booking.pickup_time,
        "total_price_dollars": dollars(booking.total_price_cents),
    }


def holder_document(found: Found) -> dict[str, Any]:
    """The public status for whoever proved to have the booking, by its token or its e-mail address."""
    booking = found.booking
    return {
        **status_document(booking),
        "customer_name": full_name(booking),
        "pickup_details": {
            "pickup_date": booking.pickup_date,
            "pickup_time": booking.pickup_time,
            "specific_pickup_hour": booking.specific_pickup_hour,
            "window_start": booking.window_start,
            "window_end": booking.window_end,
        },
        "addresses": {"pickup": booking.pickup_address, "delivery": booking.delivery_address},
        "pricing": pricing_document(booking.prices, booking.price_detail),
        "payment_status": shown_payment_status(found.payment_status, booking.total_price_cents),
        "amount_due_cents": due_cents(booking),
    }


def detail_document(found: Found) -> dict[str, Any]:
    """A booking for its customer."""
    booking = found.booking
    return {
        "booking_details": booking_document(booking),
        "payment_status": shown_payment_status(found.payment_status, booking.total_price_cents),
        "organizing_services": booking.price_detail["organizing_services"],
        "status_history": history_document(booking),
    }


def history_document(booking: Booking) -> list[dict[str, Any]]:
    """Every step with who, when and why; who is a kind of person here, not an account."""
    return [{name: value for name, value in step.items() if name != "changed_by_id"} for step in booking.status_history]


def shown_payment_status(known: str | None, total_cents: int) -> str:
    """The payment's status; `pending` as long as payments has told nothing, `not_required` when there is no price."""
    return known or ("pending" if total_cents else "not_required")


def refund_document(refund: CancellationRefund) -> dict[str, Any]:
    """What a cancellation gives back."""
    return {
        "refund_percent": refund.percent,
        "refund_cents": refund.amount_cents,
        "refund_dollars": dollars(refund.amount_cents),
    }


def assignment_document(booking: Booking) -> dict[str, Any]:
    """Who moves it."""
    return {
        "crew": {"id": booking.crew_id, "name": booking.crew_name} if booking.crew_id else None,
        "van": {"id": booking.van_id, "name": booking.van_name} if booking.van_id else None,
        "sequence": booking.stop_sequence,
    }
