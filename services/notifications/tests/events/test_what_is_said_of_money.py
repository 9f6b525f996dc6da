"""What customers and the office read about money: only what is so."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from notifications.domain.kinds import Kind
from notifications.sending.rendering import Renderer
from notifications.sending.sender import Sender
from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking import BookingCancelled, BookingEvent, BookingPaid, BookingRescheduled
from shared.contracts.booking_state import BookingState, PriceLines
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import RunningService

Make = Callable[..., Any]
Mails = Callable[[], list[EmailMessage]]
Read = Callable[[BookingEvent], Any]
FREE = PriceLines(base_price_cents=99500, discount_cents=99500, subtotal_cents=99500)
RENDERER = Renderer("https://totetaxi.example", Sealer(DEVELOPMENT_SEALING_KEY), BUSINESS_TIMEZONE)


@pytest.fixture
def read(service: RunningService, sender: Sender, mails: Mails) -> Read:
    """All that the e-mails of an event say, by their recipients."""

    async def say(event: BookingEvent) -> dict[str, str]:
        await service.receive(event)
        while await sender.send_batch():
            pass
        return {str(mail["To"]): _all_of(mail) for mail in mails()}

    return say


def _all_of(mail: EmailMessage) -> str:
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return "\n".join([str(mail["Subject"]), *(part.get_content() for part in parts if part is not None)])


@pytest.fixture
def a_paid_booking(a_booking: Make) -> BookingState:
    booking: BookingState = a_booking(status="paid", version=3)
    return booking.model_copy(update={"paid_at": booking.created_at, "paid_cents": booking.total_cents})


def moved(booking: BookingState, **values: Any) -> BookingRescheduled:
    return BookingRescheduled(
        booking=booking,
        previous_pickup_date=booking.pickup_date,
        previous_window_start=booking.window_start,
        previous_window_end=booking.window_end,
        **values,
    )


async def test_a_move_back_to_the_paid_day_promises_no_money(read: Read, a_paid_booking: BookingState) -> None:
    told = (await read(moved(a_paid_booking, difference_cents=-20000, refund_cents=0)))["ada@example.com"]
    assert "goes back" not in told
    assert "200.00" not in told


async def test_a_cheaper_day_tells_what_goes_back_and_not_the_difference(
    read: Read, a_paid_booking: BookingState
) -> None:
    told = (await read(moved(a_paid_booking, difference_cents=-20000, refund_cents=15000)))["ada@example.com"]
    assert told.count("goes back to the card") == 2
    assert "$150.00" in told
    assert "$200.00" not in told


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cancelled_by": "staff", "refund_percent": 100}, "No further refund is due."),
        ({"cancelled_by": "customer", "refund_percent": 50}, "No further refund is due."),
        ({"cancelled_by": "customer", "refund_percent": 0}, "By our cancellation terms there is no refund"),
    ],
)
async def test_terms_are_blamed_only_for_what_they_keep(
    read: Read, a_paid_booking: BookingState, values: dict[str, Any], sentence: str
) -> None:
    over = a_paid_booking.model_copy(update={"status": "cancelled", "version": 4})
    told = (await read(BookingCancelled(booking=over, **values)))["ada@example.com"]
    assert told.count(sentence) == 2
    assert told.count("refund") == 2


async def test_a_cancelled_booking_that_cost_nothing_was_not_charged(read: Read, a_booking: Make) -> None:
    over = a_booking(status="cancelled", paid_at=a_booking().created_at, prices=FREE)
    told = (await read(BookingCancelled(booking=over, refund_percent=100)))["ada@example.com"]
    assert told.count("Your card was not charged.") == 2
    assert "refund" not in told


async def test_nobody_is_thanked_for_paying_nothing(read: Read, a_booking: Make) -> None:
    booking = a_booking(status="paid", paid_at=a_booking().created_at, prices=FREE)
    told = await read(BookingPaid(booking=booking, paid_cents=0))
    assert "is confirmed: we will be there." in told["ada@example.com"]
    for words in told.values():
        assert "payment" not in words
        assert "with $0.00" not in words
    values = RENDERER.values(Kind.PAYMENT_RECEIVED, {"paid_cents": 0}, booking, "Ada")
    assert "$0.00" not in RENDERER.render_sms(Kind.PAYMENT_RECEIVED, values)


async def test_the_office_is_not_greeted_by_its_customers_name(read: Read, a_paid_booking: BookingState) -> None:
    told = await read(BookingPaid(booking=a_paid_booking, paid_cents=1))
    assert "Hello Ada" in told["ada@example.com"]
    assert "Hello" not in told["office@totetaxi.test"]
