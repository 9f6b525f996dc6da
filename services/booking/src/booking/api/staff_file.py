"""A booking's file: all that is known of it, for staff."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.money import dollars
from sqlalchemy import Row

from booking.api.activity import activity_of
from booking.api.presenting import booking_document, shown_payment_status
from booking.commands.view_booking import BookingFile
from booking.domain.booking import Booking

_OF_PAYMENT = (
    "id", "purpose", "status", "amount_cents", "captured_cents", "refunded_cents", "failure_reason",
    "stripe_payment_intent_id", "created_at", "processed_at",
)  # fmt: skip
_OF_REFUND = (
    "id", "payment_id", "status", "amount_cents", "reason", "requested_by", "failure_reason", "created_at",
    "processed_at",
)  # fmt: skip
_OF_DISPUTE = ("id", "payment_id", "status", "amount_cents", "reason", "opened_at", "closed_at")
_OF_MESSAGE = ("id", "kind", "channel", "status", "subject", "sent_at", "failure_reason")
_OF_REPORT = ("step", "note", "crew_name", "reported_at")
_OF_QUOTE = ("occasion", "catalog_version", "total_cents", "override_cents", "reason", "created_at")


def file_document(file: BookingFile) -> dict[str, Any]:
    """All of a booking."""
    booking = file.booking
    paying = [payment for payment in file.payments if payment.id == booking.paid_payment_id] or file.payments[-1:]
    return {
        "complete_booking_details": {
            **booking_document(booking),
            "customer_id": booking.customer_id,
            "paid_cents": booking.paid_cents,
            "adjustments": [_adjustment(one) for one in booking.adjustments],
            "internal_notes": booking.internal_notes,
        },
        "customer_info": {
            name: getattr(booking, name) for name in ("customer_id", "first_name", "last_name", "email", "phone")
        },
        "payment_status": shown_payment_status(paying[0].status if paying else None, booking.total_price_cents),
        "payment_history": _with_dollars(file.payments, _OF_PAYMENT),
        "refunds": _with_dollars(file.refunds, _OF_REFUND),
        "disputes": _with_dollars(file.disputes, _OF_DISPUTE),
        "quotes": _quotes(file),
        "assignment": _assignment(booking),
        "crew_reports": _rows(file.reports, _OF_REPORT),
        "notifications": _rows(file.messages, _OF_MESSAGE),
        "activity": activity_of(file),
        "organizing_services": booking.price_detail["organizing_services"],
        "status_history": booking.status_history,
        "internal_notes": booking.internal_notes,
    }


def _quotes(file: BookingFile) -> list[dict[str, Any]]:
    return [{**quote, "total_dollars": dollars(quote["total_cents"])} for quote in _rows(file.quotes, _OF_QUOTE)]


def _adjustment(one: dict[str, Any]) -> dict[str, Any]:
    named = {name: one[name] for name in ("number", "amount_cents", "status")}
    return {**named, "amount_dollars": dollars(one["amount_cents"]), "payment_id": one.get("payment_id")}


def _assignment(booking: Booking) -> dict[str, Any] | None:
    if booking.crew_id is None and booking.van_id is None:
        return None
    names = ("crew_id", "crew_name", "van_id", "van_name")
    return {**{name: getattr(booking, name) for name in names}, "sequence": booking.stop_sequence}


def _rows(rows: Iterable[Row[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in names} for row in rows]


def _with_dollars(rows: Iterable[Row[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{**row, "amount_dollars": dollars(row["amount_cents"])} for row in _rows(rows, names)]
