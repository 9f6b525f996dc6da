from collections.abc import Callable

import pytest
from jinja2.exceptions import SecurityError, UndefinedError
from notifications.domain.kinds import Kind
from notifications.sending.rendering import FOLDER, Renderer
from notifications.sending.samples import sample_booking, sample_facts
from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking_state import Address, BookingState, Contact
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY

RENDERER = Renderer("https://totetaxi.example/", Sealer(DEVELOPMENT_SEALING_KEY), BUSINESS_TIMEZONE)
ABooking = Callable[..., BookingState]


def test_each_kind_has_its_templates_and_nothing_else_has() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == {kind.value for kind in Kind}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_greets_and_links_to_the_public_site(kind: Kind) -> None:
    mail = RENDERER.render(kind, sample_facts(kind), sample_booking(kind), "Ada")
    assert "Ada" in mail.text
    assert "Ada" in mail.html
    assert "https://totetaxi.example" in mail.text
    assert 0 < len(mail.subject) < 100
    assert "\n" not in mail.subject


def test_the_request_to_pay_tells_amount_deadline_and_link(a_booking: ABooking) -> None:
    mail = RENDERER.render(Kind.BOOKING_RECEIVED, {}, a_booking(), "Ada")
    link = "https://totetaxi.example/bookings/TT-20260601-0042/pay?token=token-of-ada"
    for body in (mail.text, mail.html):
        assert "$5,466.38" in body
        assert "Tuesday, June 2, 2026, 10:05 AM" in body
        assert link in body


def test_a_booking_paid_meanwhile_is_not_asked_to_pay(a_booking: ABooking) -> None:
    for kind in (Kind.BOOKING_RECEIVED, Kind.PAYMENT_FAILED):
        mail = RENDERER.render(kind, {"amount_cents": 1}, a_booking(status="paid"), "Ada")
        assert "/pay" not in mail.text + mail.html
        assert "please pay" not in mail.subject


@pytest.mark.parametrize(
    ("facts", "paid", "sentence"),
    [
        ({"refund_cents": 123456, "cancelled_by": "customer"}, True, "$1,234.56 goes back to the card"),
        ({"refund_cents": 0, "cancelled_by": "customer"}, True, "there is no refund"),
        ({"refund_cents": 0, "cancelled_by": "customer"}, False, "You were not charged."),
        ({"refund_cents": 5, "cancelled_by": "staff"}, True, "We had to cancel"),
    ],
)
def test_a_cancellation_tells_what_happens_to_the_money(
    a_booking: ABooking, facts: dict[str, object], paid: bool, sentence: str
) -> None:
    booking = a_booking(status="cancelled", paid_at=a_booking().created_at if paid else None)
    assert sentence in RENDERER.render(Kind.BOOKING_CANCELLED, facts, booking, "Ada").text


def test_a_booking_without_a_token_is_linked_without_one(a_booking: ABooking) -> None:
    mail = RENDERER.render(Kind.PAYMENT_RECEIVED, {"paid_cents": 1}, a_booking(manage_token_sealed=""), "Ada")
    assert "https://totetaxi.example/bookings/TT-20260601-0042\n" in mail.text


def test_what_customers_typed_is_only_text_in_html(a_booking: ABooking) -> None:
    evil = "<script>alert(1)</script>{{ 7 * 7 }}"
    booking = a_booking(
        contact=Contact(first_name=evil, last_name="B", email="a@example.com", phone="1"),
        pickup_address=Address(address_line_1=evil, city=evil, state="NY", zip_code="10001"),
    )
    html = RENDERER.render(Kind.BOOKING_RECEIVED, {}, booking, evil).html
    assert "<script>" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}") == 3


def test_a_token_sealed_with_another_key_is_an_error(a_booking: ABooking) -> None:
    sealed = Sealer("bm90LW91ci1zZWFsaW5nLWtleS0zMi1ieXRlcyEhISE=").seal("token")
    with pytest.raises(ValueError, match="not sealed with our key"):
        RENDERER.render(Kind.BOOKING_RECEIVED, {}, a_booking(manage_token_sealed=sealed), "Ada")


def test_a_missing_fact_is_an_error_and_not_a_gap(a_booking: ABooking) -> None:
    with pytest.raises(UndefinedError):
        RENDERER.render(Kind.PAYMENT_RECEIVED, {}, a_booking(), "Ada")


@pytest.mark.parametrize("template", ["{{ ''.__class__.__mro__ }}", "{{ facts.update({'a': 1}) }}"])
def test_templates_reach_nothing_beyond_what_they_are_given(template: str) -> None:
    with pytest.raises(SecurityError):
        RENDERER._texts.from_string(template).render(facts={})
