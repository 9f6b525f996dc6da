from collections.abc import Callable

import pytest
from jinja2.exceptions import SecurityError, UndefinedError
from notifications.domain.kinds import OFFICE, Kind
from notifications.sending.rendering import FOLDER, Rendered, Renderer, parts_of
from notifications.sending.samples import sample_values
from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking_state import Address, BookingState, Contact
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY

RENDERER = Renderer("https://totetaxi.example/", Sealer(DEVELOPMENT_SEALING_KEY), BUSINESS_TIMEZONE)
ABooking = Callable[..., BookingState]


def render(kind: Kind, facts: dict[str, object], booking: BookingState | None, first_name: str = "Ada") -> Rendered:
    return RENDERER.render(kind, RENDERER.values(kind, facts, booking, first_name))


def test_each_kind_has_its_templates_and_nothing_else_has() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == {kind.value for kind in Kind}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_the_templates_of_its_parts(kind: Kind) -> None:
    files = {"subject": "subject.txt", "text": "body.txt", "html": "body.html", "sms": "sms.txt"}
    assert {file.name for file in (FOLDER / kind).iterdir()} == {files[part] for part in parts_of(kind)}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_greets_and_links_to_the_public_site(kind: Kind) -> None:
    mail = RENDERER.render(kind, sample_values(RENDERER, kind))
    if kind not in OFFICE:
        assert "Hello Ada" in mail.text
        assert "Hello Ada" in mail.html
    assert "https://totetaxi.example" in mail.text
    assert 0 < len(mail.subject) < 100
    assert "\n" not in mail.subject


def test_the_request_to_pay_tells_amount_deadline_and_link(a_booking: ABooking) -> None:
    mail = render(Kind.BOOKING_RECEIVED, {}, a_booking())
    link = "https://totetaxi.example/bookings/TT-20260601-0042/pay?token=token-of-ada"
    for body in (mail.text, mail.html):
        assert "$5,466.38" in body
        assert "Tuesday, June 2, 2026, 10:05 AM" in body
        assert link in body


def test_a_booking_paid_meanwhile_is_not_asked_to_pay(a_booking: ABooking) -> None:
    for kind in (Kind.BOOKING_RECEIVED, Kind.PAYMENT_FAILED):
        mail = render(kind, {"amount_cents": 1}, a_booking(status="paid"))
        assert "/pay" not in mail.text + mail.html
        assert "please pay" not in mail.subject


@pytest.mark.parametrize("kind", [Kind.UNPAID_REMINDER, Kind.PAYMENT_FAILED])
def test_a_place_that_is_not_kept_until_the_deadline_is_not_promised(a_booking: ABooking, kind: Kind) -> None:
    mail = render(kind, {"amount_cents": 1}, a_booking(holds_place=False))
    for body in (mail.text, mail.html):
        assert "by Tuesday, June 2, 2026, 10:05 AM (New York time); after that we have to let the booking go." in body
        assert "hold" not in body


@pytest.mark.parametrize(
    ("facts", "paid", "sentence"),
    [
        ({"refund_cents": 123456, "cancelled_by": "customer"}, True, "$1,234.56 goes back to the card"),
        ({"refund_cents": 0, "cancelled_by": "customer"}, True, "there is no refund"),
        ({"refund_cents": 0, "cancelled_by": "customer"}, False, "Your card was not charged."),
        ({"refund_cents": 5, "cancelled_by": "staff"}, True, "We had to cancel"),
    ],
)
def test_a_cancellation_tells_what_happens_to_the_money(
    a_booking: ABooking, facts: dict[str, object], paid: bool, sentence: str
) -> None:
    booking = a_booking(status="cancelled", paid_cents=123456 if paid else 0)
    assert sentence in render(Kind.BOOKING_CANCELLED, facts, booking).text


def test_a_booking_without_a_token_is_linked_without_one(a_booking: ABooking) -> None:
    mail = render(Kind.PAYMENT_RECEIVED, {"paid_cents": 1}, a_booking(manage_token_sealed=""))
    assert "https://totetaxi.example/bookings/TT-20260601-0042\n" in mail.text


def test_what_customers_typed_is_only_text_in_html(a_booking: ABooking) -> None:
    evil = "<script>alert(1)</script>{{ 7 * 7 }}"
    booking = a_booking(
        contact=Contact(first_name=evil, last_name="B", email="a@example.com", phone="1"),
        pickup_address=Address(address_line_1=evil, city=evil, state="NY", zip_code="10001"),
    )
    html = render(Kind.BOOKING_RECEIVED, {}, booking, evil).html
    assert "<script>" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}") == 3


def test_a_token_sealed_with_another_key_is_an_error(a_booking: ABooking) -> None:
    sealed = Sealer("bm90LW91ci1zZWFsaW5nLWtleS0zMi1ieXRlcyEhISE=").seal("token")
    with pytest.raises(ValueError, match="not sealed with our key"):
        render(Kind.BOOKING_RECEIVED, {}, a_booking(manage_token_sealed=sealed))


def test_a_missing_fact_is_an_error_and_not_a_gap(a_booking: ABooking) -> None:
    with pytest.raises(UndefinedError):
        render(Kind.PAYMENT_RECEIVED, {}, a_booking())


@pytest.mark.parametrize("template", ["{{ ''.__class__.__mro__ }}", "{{ facts.update({'a': 1}) }}"])
def test_templates_reach_nothing_beyond_what_they_are_given(template: str) -> None:
    with pytest.raises(SecurityError):
        RENDERER.from_source("text", template).render(facts={})


@pytest.mark.parametrize("kind", [kind for kind in Kind if "sms" in parts_of(kind)])
def test_an_sms_is_one_line_that_says_who_writes_and_fits_into_three_parts(kind: Kind) -> None:
    text = RENDERER.render_sms(kind, sample_values(RENDERER, kind))
    assert text.startswith("Tote Taxi: ")
    assert "\n" not in text
    assert len(text) <= 3 * 153


def test_links_of_accounts_carry_their_token_and_nothing_shows_it_sealed() -> None:
    values = sample_values(RENDERER, Kind.PASSWORD_RESET)
    mail = RENDERER.render(Kind.PASSWORD_RESET, values)
    assert "https://totetaxi.example/reset-password?token=sample-token" in mail.text
    assert "token_sealed" not in values["facts"]


def test_staff_choose_a_new_password_on_their_own_page() -> None:
    facts = {"account_kind": "staff", "expires_at": "2026-06-01T15:05:00+00:00", "token_sealed": RENDERER.sealed("t-1")}
    mail = render(Kind.PASSWORD_RESET, facts, None)
    assert "https://totetaxi.example/staff/reset-password?token=t-1" in mail.text
    assert "June 1, 2026, 11:05 AM" in mail.text


def test_what_goes_to_the_office_holds_no_token_of_the_customer(a_booking: ABooking) -> None:
    mail = render(Kind.STAFF_NEW_BOOKING, {"paid_cents": 1, "overbooked": True}, a_booking())
    assert "token-of-ada" not in mail.text + mail.html
    assert "https://totetaxi.example/staff/bookings/" in mail.text
    assert "overbooked" in mail.subject
