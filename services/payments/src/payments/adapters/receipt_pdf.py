"""The PDF of a numbered document: the same bytes from the same row, whenever and wherever it is made."""

import unicodedata
from datetime import tzinfo

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from shared.money import format_dollars

from payments.domain.receipt import TITLES, Receipt

_WIDTH = 190
_AMOUNT_WIDTH = 40
_STAND_INS = {
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "ı": "i",
    "\u2018": "'",
    "\u2019": "'",
    "\u2013": "-",
    "\u2014": "-",
}
"""Letters that are not made of a plain one and a mark."""

_NEXT = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


class _Page(FPDF):
    """Its name in the file comes from the document's number and not from the moment at which it was made."""

    def __init__(self, number: str) -> None:
        super().__init__(format="A4")
        self._number = number

    def file_id(self) -> str:
        name = self._number.encode().hex().upper()
        return f"<{name}><{name}>"


def receipt_pdf(receipt: Receipt, zone: tzinfo) -> bytes:
    """One page or more, with dates as in `zone`."""
    content, page = receipt.content, _Page(receipt.number)
    page.set_creation_date(receipt.issued_at)
    page.set_producer("")
    page.add_page()
    _write(page, content.seller, size=16, bold=True)
    _write(page, content.seller_address, size=9)
    page.ln(8)
    _write(page, f"{TITLES[receipt.kind]} {receipt.number}", size=14, bold=True)
    _write(page, f"Date: {receipt.issued_at.astimezone(zone):%B %d, %Y}")
    _write(page, f"Booking: {content.booking_number}")
    _write(page, f"Customer: {content.customer_name}")
    _write(page, content.customer_email)
    page.ln(6)
    for line in content.lines:
        _write_amount(page, line.text, line.cents)
    _write_amount(page, "Total", content.total_cents, bold=True)
    page.ln(6)
    _write(page, content.note)
    return bytes(page.output())


def _write(page: FPDF, text: str, size: int = 11, bold: bool = False) -> None:
    if text:
        page.set_font("Helvetica", "B" if bold else "", size)
        page.multi_cell(_WIDTH, size * 0.55, _printable(text), **_NEXT)  # type: ignore[arg-type]


def _write_amount(page: FPDF, text: str, cents: int, bold: bool = False) -> None:
    page.set_font("Helvetica", "B" if bold else "", 11)
    border = "T" if bold else ""
    page.cell(_WIDTH - _AMOUNT_WIDTH, 7, _printable(text), border=border)
    page.cell(_AMOUNT_WIDTH, 7, format_dollars(cents), border=border, align="R", **_NEXT)  # type: ignore[arg-type]


def _printable(text: str) -> str:
    """The built-in fonts know Western European letters: others lose their marks, or show as a question mark."""
    return "".join(map(_printable_letter, text))


def _printable_letter(letter: str) -> str:
    if letter in _STAND_INS:
        return _STAND_INS[letter]
    try:
        letter.encode("latin-1")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", letter)
        plain = "".join(part for part in plain if not unicodedata.combining(part))
        return plain.encode("latin-1", "replace").decode("latin-1")
    return letter
