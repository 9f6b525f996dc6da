"""A made-up booking, to show templates with."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking_state import Address, Adjustment, BookingState, Contact, PriceLines

from notifications.domain.kinds import LINKS, OPTIONAL, Kind
from notifications.domain.words import stop_in_words
from notifications.sending.rendering import Renderer

_BOOKED_AT = datetime(2026, 6, 1, 14, 5, tzinfo=UTC)
_RECEIPT = {"number": "R-2026-000042", "storage_key": "receipts/2026/R-2026-000042.pdf"}
_RESCHEDULED = {
    "previous_window_start": "2026-06-13T12:00:00+00:00",
    "previous_pickup_date": "2026-06-13",
    "difference_cents": 12500,
    "fee_cents": 5000,
    "refund_cents": 0,
}
_CONTACT = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "phone": "+12125550123",
    "subject": "A piano",
    "message": "Do you move pianos?\nIt is an upright one.",
}

BOOKING = BookingState(
    id=UUID("01900000-0000-7000-8000-000000000001"),
    booking_number="TT-20260601-0042",
    version=1,
    status="pending",
    customer_id=None,
    contact=Contact(first_name="Ada", last_name="Byron", email="ada@example.com", phone="+12125550123"),
    service_type="mini_move",
    package_type="standard",
    include_packing=True,
    pickup_date=date(2026, 6, 20),
    pickup_time="morning",
    window_start=datetime(2026, 6, 20, 12, tzinfo=UTC),
    window_end=datetime(2026, 6, 20, 15, tzinfo=UTC),
    pickup_address=Address(
        address_line_1="1 Main Street", address_line_2="Apt 4B", city="New York", state="NY", zip_code="10001"
    ),
    delivery_address=Address(address_line_1="2 Shore Road", city="Montauk", state="NY", zip_code="11954"),
    prices=PriceLines(
        base_price_cents=172500,
        organizing_total_cents=333000,
        organizing_tax_cents=29138,
        geographic_surcharge_cents=12000,
        subtotal_cents=546638,
        total_price_cents=546638,
    ),
    catalog_version=1,
    manage_token_sha256="",
    created_at=_BOOKED_AT,
    expires_at=datetime(2026, 6, 2, 14, 5, tzinfo=UTC),
)


_STATUSES: dict[Kind, str] = {
    Kind.BOOKING_RECEIVED: "pending",
    Kind.PAYMENT_FAILED: "pending",
    Kind.UNPAID_REMINDER: "pending",
    Kind.BOOKING_EXPIRED: "expired",
    Kind.BOOKING_CANCELLED: "cancelled",
    Kind.REFUND_DONE: "cancelled",
    Kind.COMPLETED: "completed",
}
_WITHOUT_BOOKING = (*LINKS, Kind.WELCOME, Kind.CONTACT, Kind.RUN_SHEET)


def sample_booking(kind: Kind) -> BookingState | None:
    """The made-up booking as it would be when a message of this kind is sent; null where no booking is told of."""
    if kind in _WITHOUT_BOOKING:
        return None
    status = _STATUSES.get(kind, "paid")
    changes: dict[str, Any] = {"status": status}
    if status not in ("pending", "expired"):
        changes |= {"paid_at": _BOOKED_AT, "paid_cents": BOOKING.total_cents}
    if kind in (Kind.RESCHEDULED, Kind.ADJUSTMENT_DUE):
        changes["adjustments"] = (Adjustment(number=1, amount_cents=12500),)
    return BOOKING.model_copy(update=changes)


def sample_facts(kind: Kind) -> dict[str, Any]:
    """What the event would tell."""
    total = BOOKING.total_cents
    match kind:
        case Kind.PAYMENT_RECEIVED:
            return {"paid_cents": total, "receipt": _RECEIPT}
        case Kind.RECEIPT:
            return {"receipt": _RECEIPT, "amount_cents": total}
        case Kind.BOOKING_CANCELLED:
            return {"refund_cents": total, "refund_percent": 100, "cancelled_by": "customer"}
        case Kind.PAYMENT_FAILED | Kind.REFUND_DONE:
            return {"amount_cents": total}
        case Kind.ADJUSTMENT_DUE:
            return {"number": 1, "amount_cents": 12500}
        case Kind.RESCHEDULED:
            return _RESCHEDULED
        case Kind.REMINDER:
            return {"window_start": BOOKING.window_start.isoformat(), "when": "tomorrow"}
        case Kind.VERIFY_EMAIL | Kind.PASSWORD_RESET:
            return {"account_kind": "customer", "expires_at": "2026-06-01T15:05:00+00:00"}
        case Kind.STAFF_INVITATION:
            return {"account_kind": "staff", "expires_at": "2026-06-04T14:05:00+00:00", "role": "operator"}
        case _:
            return _for_the_office(kind, total)


def _for_the_office(kind: Kind, total: int) -> dict[str, Any]:
    match kind:
        case Kind.STAFF_NEW_BOOKING:
            return {"paid_cents": total, "overbooked": False}
        case Kind.STAFF_REFUND_FAILED:
            return {"amount_cents": total, "reason": "The card's account is closed."}
        case Kind.STAFF_DISPUTE:
            return {"amount_cents": total, "status": "open", "reason": "product_not_received"}
        case Kind.STAFF_ALERT:
            return {"message": "A payment arrived for a cancelled booking and goes back."}
        case Kind.CONTACT:
            return _CONTACT
        case Kind.RUN_SHEET:
            return {"day": "2026-06-20", "stops": [stop_in_words(BOOKING, BUSINESS_TIMEZONE)]}
        case _:
            return {}


def sample_values(renderer: Renderer, kind: Kind) -> dict[str, Any]:
    """All that the templates of this kind may use, made up; the link of a kind that has one holds no real token."""
    facts = sample_facts(kind) | ({"token_sealed": renderer.sealed("sample-token")} if kind in LINKS else {})
    unsubscribe = "https://example.com/unsubscribe" if kind in OPTIONAL else ""
    return renderer.values(kind, facts, sample_booking(kind), BOOKING.contact.first_name, unsubscribe)
