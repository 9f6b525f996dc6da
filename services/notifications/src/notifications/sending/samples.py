"""A made-up booking, to show templates with."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.booking_state import Address, BookingState, Contact, PriceLines

from notifications.domain.kinds import Kind

_BOOKED_AT = datetime(2026, 6, 1, 14, 5, tzinfo=UTC)

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


def sample_booking(kind: Kind) -> BookingState | None:
    """The made-up booking as it would be when a message of this kind is sent; null where no booking is told of."""
    if kind is Kind.WELCOME:
        return None
    if kind in (Kind.BOOKING_RECEIVED, Kind.PAYMENT_FAILED):
        return BOOKING
    if kind is Kind.BOOKING_EXPIRED:
        return BOOKING.model_copy(update={"status": "expired"})
    status = "paid" if kind is Kind.PAYMENT_RECEIVED else "cancelled"
    return BOOKING.model_copy(update={"status": status, "paid_at": _BOOKED_AT})


def sample_facts(kind: Kind) -> dict[str, Any]:
    """What the event would tell."""
    total = BOOKING.total_cents
    match kind:
        case Kind.PAYMENT_RECEIVED:
            return {"paid_cents": total}
        case Kind.BOOKING_CANCELLED:
            return {"refund_cents": total, "cancelled_by": "customer"}
        case Kind.PAYMENT_FAILED | Kind.REFUND_DONE:
            return {"amount_cents": total}
        case _:
            return {}
