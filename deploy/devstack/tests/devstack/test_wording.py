"""A customer who holds the e-mail beside the receipt reads the same words in both."""

from notifications.domain.words import price_lines as lines_of_mails
from payments.domain.booking import BillableBooking
from payments.domain.receipt import price_lines as lines_of_receipts
from shared.contracts.booking_state import PriceLines
from shared.ids import new_id

PRICES = dict.fromkeys(PriceLines.model_fields, 100)
"""Each line at a dollar, so that none is left out."""


def test_receipts_name_the_lines_of_a_price_as_e_mails_do() -> None:
    booking = BillableBooking(
        id=new_id(), booking_number="TT-20261123-0001", version=1, status="paid", total_cents=700, currency="usd",
        customer_id=None, email="", manage_token_sha256="", prices=PRICES,
    )  # fmt: skip
    receipt = {line.text for line in lines_of_receipts(booking, 700)}
    assert receipt == {line.label for line in lines_of_mails(PriceLines(**PRICES), None)}
