"""What receipts, invoices and credit notes say. They are made once from what is known then and never change.

One series of numbers per kind and year, without gaps: `R-2026-000001` is a receipt, `I-…` an invoice, `C-…` a credit
note, `CR-…` the reversal of one, when its refund came back.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from payments.domain.booking import PURPOSE, BillableBooking
from payments.domain.payment import Payment
from payments.domain.refund import Refund

Kind = Literal["receipt", "invoice", "credit_note", "credit_note_reversal"]
LETTERS: dict[Kind, str] = {"receipt": "R", "invoice": "I", "credit_note": "C", "credit_note_reversal": "CR"}
TITLES: dict[Kind, str] = {
    "receipt": "Receipt",
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "credit_note_reversal": "Credit note reversal",
}

_LINES = {
    "base_price_cents": "Move",
    "organizing_total_cents": "Packing and unpacking",
    "organizing_tax_cents": "Sales tax on packing and unpacking",
    "coi_fee_cents": "Certificate of insurance",
    "surcharge_cents": "Weekend and holiday surcharge",
    "geographic_surcharge_cents": "Distance surcharge",
    "time_window_surcharge_cents": "1-hour pickup window",
    "reschedule_fee_cents": "Fee of the late change",
    "price_override_cents": "As agreed with our office",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the document, in cents."""

    text: str
    cents: int


@dataclass(frozen=True, slots=True)
class Content:
    """All that a document says besides its number and day. `note` tells what it is about, such as how it was paid."""

    seller: str
    seller_address: str
    customer_name: str
    customer_email: str
    booking_number: str
    lines: tuple[Line, ...]
    total_cents: int
    note: str

    def as_row(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def stored(cls, row: dict[str, Any]) -> "Content":
        """The content from its JSON."""
        return cls(**{**row, "lines": tuple(Line(**line) for line in row["lines"])})


@dataclass(frozen=True, slots=True)
class Receipt:
    """A numbered document. `payment_id` is null for the invoice of a move that is not paid by card."""

    id: UUID
    number: str
    kind: Kind
    booking_id: UUID
    booking_number: str
    payment_id: UUID | None
    refund_id: UUID | None
    amount_cents: int
    content: Content
    issued_at: datetime

    @property
    def storage_key(self) -> str:
        """Where its PDF lies."""
        return storage_key_of(self.number)


def storage_key_of(number: str) -> str:
    """Where the PDF of the document with this number lies: `receipts/<year>/<number>.pdf`."""
    return f"receipts/{number.split('-')[1]}/{number}.pdf"


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues the documents."""

    name: str
    address: str


def receipt_content(seller: Seller, booking: BillableBooking, payment: Payment) -> Content:
    """A payment came in: for the price line by line, or for a change of the booking."""
    cents = payment.captured_cents
    lines: tuple[Line, ...] = (Line(f"Change of booking {booking.booking_number}", cents),)
    if payment.purpose == PURPOSE:
        lines = price_lines(booking, cents)
    return _content(seller, booking, lines, "Paid by card, with thanks.")


def credit_note_content(seller: Seller, booking: BillableBooking, refund: Refund, receipt_number: str) -> Content:
    """Money went back; amounts are negative."""
    line = Line(f"Refund of receipt {receipt_number}", -refund.amount_cents)
    return _content(seller, booking, (line,), "Refunded to the card that was charged.")


def reversal_content(seller: Seller, booking: BillableBooking, note: Receipt) -> Content:
    """The refund of a credit note came back: the note counts no more."""
    line = Line(f"Reversal of credit note {note.number}", -note.amount_cents)
    return _content(seller, booking, (line,), "The refund came back and was not received.")


def invoice_content(seller: Seller, booking: BillableBooking) -> Content:
    """What the booking costs, and whether anything of it is still to be paid."""
    note = "Please pay by the day of your move." if any(booking.due.values()) else "Paid in full."
    return _content(seller, booking, price_lines(booking, booking.total_cents), note)


def price_lines(booking: BillableBooking, cents: int) -> tuple[Line, ...]:
    """The price line by line; one line alone if the lines known now do not sum up to `cents`."""
    priced = [Line(text, booking.prices.get(name, 0)) for name, text in _LINES.items()]
    priced.append(Line("Discount", -booking.prices.get("discount_cents", 0)))
    priced.append(Line("Waived", -booking.prices.get("waived_cents", 0)))
    lines = tuple(line for line in priced if line.cents)
    return lines if sum(line.cents for line in lines) == cents else (Line(f"Move {booking.booking_number}", cents),)


def _content(seller: Seller, booking: BillableBooking, lines: tuple[Line, ...], note: str) -> Content:
    return Content(
        seller=seller.name,
        seller_address=seller.address,
        customer_name=booking.customer_name,
        customer_email=booking.email,
        booking_number=booking.booking_number,
        lines=lines,
        total_cents=sum(line.cents for line in lines),
        note=note,
    )
