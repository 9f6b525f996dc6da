"""The steps of a booking, and what goes back when it is cancelled."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from booking.adapters.tables import bookings
from booking.domain.booking import Actor, Booking, InvalidTransition
from booking.domain.cancellation import refund_on_cancellation, refund_percent
from booking.domain.facts import state_of
from booking.domain.payments import Counts, GoesBack, NeedsPeople, PaysChange, meaning_of_success
from booking.domain.rescheduling import CannotReschedule, check_reschedulable
from booking.domain.tokens import is_token_of, manage_token, token_hash
from shared.contracts.base import BookingStatus
from shared.contracts.catalog import CancellationTier
from shared.ids import new_id

from ..factories import NOW, a_booking, a_payment

ALLOWED = {
    ("pending", "confirmed", "staff"), ("pending", "cancelled", "staff"), ("pending", "cancelled", "customer"),
    ("pending", "cancelled", "guest"), ("pending", "paid", "payment"), ("pending", "expired", "clock"),
    ("confirmed", "cancelled", "staff"), ("confirmed", "cancelled", "customer"), ("confirmed", "cancelled", "guest"),
    ("confirmed", "paid", "payment"), ("paid", "in_progress", "staff"), ("paid", "cancelled", "staff"),
    ("paid", "cancelled", "customer"), ("paid", "cancelled", "guest"), ("in_progress", "completed", "staff"),
    ("in_progress", "cancelled", "staff"),
}  # fmt: skip
KINDS = ("guest", "customer", "staff", "payment", "clock")
STATUSES = get_args(BookingStatus)


@pytest.mark.parametrize(("before", "after", "kind"), list(product(STATUSES, STATUSES, KINDS)))
def test_only_these_steps_are_allowed(before: Any, after: Any, kind: Any) -> None:
    booking = a_booking(status=before)
    if (before, after, kind) in ALLOWED:
        assert booking.moved(after, Actor(kind), NOW).status == after
    else:
        with pytest.raises(InvalidTransition):
            booking.moved(after, Actor(kind), NOW)


def test_a_refused_step_names_the_allowed_ones() -> None:
    with pytest.raises(InvalidTransition) as refused:
        a_booking(status="paid").moved("confirmed", Actor("staff"), NOW)
    assert refused.value.extra == {"booking_status": "paid", "allowed": ["in_progress", "cancelled"]}


def test_a_refusal_speaks_in_words() -> None:
    with pytest.raises(InvalidTransition) as refused:
        a_booking(status="pending").moved("in_progress", Actor("staff"), NOW)
    assert refused.value.message == "A booking that is pending can't become in progress."
    with pytest.raises(CannotReschedule) as refused_move:
        check_reschedulable(a_booking(status="in_progress"), Actor("staff"), NOW)
    assert refused_move.value.message == "A booking that is in progress can't be moved to another day."


def test_a_step_keeps_who_when_and_why() -> None:
    staff = new_id()
    booking = a_booking(expires_at=NOW).moved("confirmed", Actor("staff", staff), NOW, "Pays by invoice.")
    assert (booking.version, booking.expires_at) == (2, None)
    assert booking.status_history[-1] == {
        "from_status": "pending", "to_status": "confirmed", "changed_at": "2026-11-23T15:00:00Z", "changed_by": "staff",
        "changed_by_id": str(staff), "reason": "Pays by invoice.",
    }  # fmt: skip


def test_a_bookings_columns_are_its_members() -> None:
    assert {column.name for column in bookings.columns} == set(Booking.__dataclass_fields__)


def test_the_state_in_events_is_the_whole_booking() -> None:
    booking = a_booking()
    state = state_of(booking)
    assert (state.contact.email, state.prices.total_price_cents) == (booking.email, booking.total_price_cents)
    assert state.pickup_address.model_dump() == {**booking.pickup_address, "address_line_2": ""}


TIERS = [
    CancellationTier(hours_before=24, refund_percent=50),
    CancellationTier(hours_before=48, refund_percent=100),
    CancellationTier(hours_before=0, refund_percent=0),
]
OPENS = datetime(2026, 11, 30, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "percent"),
    [
        (timedelta(days=9), 100),
        (timedelta(hours=48), 100),
        (timedelta(hours=48) - timedelta(seconds=1), 50),
        (timedelta(hours=24), 50),
        (timedelta(hours=24) - timedelta(seconds=1), 0),
        (timedelta(0), 0),
        (timedelta(hours=-5), 0),
    ],
)
def test_the_share_that_goes_back_falls_as_the_window_comes_near(before: timedelta, percent: int) -> None:
    assert refund_percent(TIERS, OPENS, OPENS - before) == percent


@pytest.mark.parametrize(
    ("percent", "paid", "refunded", "back"),
    [
        (100, 99500, 0, 99500),
        (50, 99501, 0, 49751),
        (50, 99500, 60000, 39500),
        (100, 99500, 99500, 0),
        (0, 99500, 0, 0),
    ],
)
def test_never_more_goes_back_than_is_left(percent: int, paid: int, refunded: int, back: int) -> None:
    assert refund_on_cancellation(percent, paid, paid - refunded).amount_cents == back


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("pending", Counts), ("confirmed", Counts), ("paid", NeedsPeople), ("in_progress", NeedsPeople),
        ("completed", NeedsPeople), ("cancelled", GoesBack), ("expired", GoesBack),
    ],
)  # fmt: skip
def test_what_a_captured_payment_means(status: Any, meaning: type) -> None:
    booking = a_booking(status=status, paid_payment_id=new_id())
    payment = a_payment({"id": booking.id, "booking_number": "TT", "total_price_cents": 99500})
    assert isinstance(meaning_of_success(booking, payment), meaning)


@pytest.mark.parametrize("status", ["paid", "in_progress", "completed"])
def test_a_payment_for_what_became_free_goes_back(status: Any) -> None:
    booking = a_booking(status=status)
    meaning = meaning_of_success(booking, a_payment({"id": booking.id, "booking_number": "T", "total_price_cents": 1}))
    assert isinstance(meaning, GoesBack)
    assert meaning.counts


def test_other_amounts_purposes_and_bookings_do_not_pay() -> None:
    booking = a_booking()
    document = {"id": booking.id, "booking_number": "TT", "total_price_cents": 99500}
    assert isinstance(meaning_of_success(booking, a_payment(document, captured_cents=99499)), NeedsPeople)
    assert isinstance(meaning_of_success(booking, a_payment(document, purpose="adjustment:1")), NeedsPeople)
    assert isinstance(meaning_of_success(None, a_payment(document)), NeedsPeople)


@pytest.mark.parametrize(("cents", "meaning"), [(4999, NeedsPeople), (5000, PaysChange), (5001, NeedsPeople)])
def test_only_its_own_amount_pays_for_a_change(cents: int, meaning: Any) -> None:
    change = {"number": 1, "amount_cents": 5000, "status": "open", "fee_cents": 0}
    booking = a_booking(status="paid", adjustments=[change])
    document = {"id": booking.id, "booking_number": "TT", "total_price_cents": cents}
    assert isinstance(meaning_of_success(booking, a_payment(document, purpose="adjustment:1")), meaning)


def test_the_manage_token_belongs_to_one_booking_and_one_secret() -> None:
    booking_id = new_id()
    token = manage_token("secret", booking_id)
    assert is_token_of(token, token_hash(token))
    assert len({token, manage_token("other", booking_id), manage_token("secret", new_id())}) == 3
