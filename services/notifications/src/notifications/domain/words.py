"""A booking in the words of the customer who made it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.booking_state import Address, BookingState, PriceLines
from shared.money import format_dollars

from notifications.domain.truth import is_payable, open_adjustment

SERVICES = {
    "mini_move": "Mini move",
    "standard_delivery": "Standard delivery",
    "specialty_item": "Specialty item delivery",
}
PACKAGES = {"petite": "Petite", "standard": "Standard", "full": "Full Move"}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A line of the price; `amount` is written out, such as `$1,725.00`."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class BookingWords:
    """What templates say about a booking. `is_payable`: it still waits for its payment; `was_paid`: money was paid for
    it, which is not so where it cost nothing; `due`: what is to be paid on top after a change, empty where nothing is.
    """

    number: str
    first_name: str
    name: str
    email: str
    phone: str
    status: str
    what: str
    day: str
    window: str
    pickup: tuple[str, ...]
    delivery: tuple[str, ...]
    lines: tuple[PriceLine, ...]
    total: str
    is_payable: bool
    was_paid: bool
    pay_before: str
    due: str
    crew: str
    instructions: str


def words_of(booking: BookingState, zone: ZoneInfo) -> BookingWords:
    """The booking in words, its times in the business time zone."""
    contact, due = booking.contact, open_adjustment(booking)
    return BookingWords(
        number=booking.booking_number,
        first_name=contact.first_name,
        name=f"{contact.first_name} {contact.last_name}".strip(),
        email=contact.email,
        phone=contact.phone,
        status=booking.status.replace("_", " "),
        what=what_is_moved(booking),
        day=day_in_words(booking.window_start.astimezone(zone)),
        window=window_in_words(booking.window_start, booking.window_end, zone),
        pickup=_address(booking.pickup_address),
        delivery=_address(booking.delivery_address),
        lines=price_lines(booking.prices, booking.discount_code),
        total=format_dollars(booking.total_cents),
        is_payable=is_payable(booking),
        was_paid=booking.paid_cents > 0,
        pay_before=moment_in_words(booking.expires_at, zone) if booking.expires_at else "",
        due=format_dollars(due.amount_cents) if due else "",
        crew=booking.assignment.crew_name if booking.assignment else "",
        instructions=booking.special_instructions,
    )


def stop_in_words(booking: BookingState, zone: ZoneInfo) -> dict[str, Any]:
    """A line of the run sheet."""
    words = words_of(booking, zone)
    return {
        "number": words.number,
        "window": words.window,
        "name": words.name,
        "phone": words.phone,
        "what": words.what,
        "pickup": ", ".join(words.pickup),
        "delivery": ", ".join(words.delivery),
        "crew": words.crew,
        "van": booking.assignment.van_name if booking.assignment else "",
        "instructions": words.instructions,
        "status": words.status,
    }


def what_is_moved(booking: BookingState) -> str:
    """Such as `Mini move, Standard package, with packing` or `Standard delivery of 3 items`."""
    service = SERVICES[booking.service_type]
    match booking.service_type:
        case "mini_move":
            extras = [name for name, on in _organizing(booking) if on]
            package = f"{service}, {PACKAGES.get(booking.package_type or '', '')} package"
            return f"{package}, with {' and '.join(extras)}" if extras else package
        case "standard_delivery":
            same_day = "Same-day delivery" if booking.is_same_day else service
            return f"{same_day} of {_items(booking.item_count or 1)}"
        case _:
            return ", ".join(f"{item.quantity} × {item.name}" for item in booking.specialty_items) or service


def _organizing(booking: BookingState) -> tuple[tuple[str, bool], ...]:
    return ("packing", booking.include_packing), ("unpacking", booking.include_unpacking)


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def price_lines(prices: PriceLines, discount_code: str | None) -> tuple[PriceLine, ...]:
    """The lines that cost or save something."""
    amounts = (
        ("Move", prices.base_price_cents),
        ("Packing and unpacking", prices.organizing_total_cents),
        ("Sales tax on packing and unpacking", prices.organizing_tax_cents),
        ("Certificate of insurance", prices.coi_fee_cents),
        ("Weekend and holiday surcharge", prices.surcharge_cents),
        ("Distance surcharge", prices.geographic_surcharge_cents),
        ("1-hour pickup window", prices.time_window_surcharge_cents),
        ("Fee of the late change", prices.reschedule_fee_cents),
        (f"Discount {discount_code or ''}".strip(), -prices.discount_cents),
        ("As agreed with our office", prices.price_override_cents),
        ("Waived", -prices.waived_cents),
    )
    return tuple(PriceLine(label, format_dollars(cents)) for label, cents in amounts if cents)


def _address(address: Address) -> tuple[str, ...]:
    street = (address.address_line_1, address.address_line_2)
    return (*filter(None, street), f"{address.city}, {address.state} {address.zip_code}")


def day_in_words(day: date) -> str:
    """Such as `Saturday, June 20, 2026`."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def window_in_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Such as `8:00 AM to 11:00 AM`."""
    return f"{_hour(start.astimezone(zone))} to {_hour(end.astimezone(zone))}"


def moment_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Such as `Saturday, June 20, 2026, 8:00 AM`."""
    local = moment.astimezone(zone)
    return f"{day_in_words(local)}, {_hour(local)}"


def _hour(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'}"
