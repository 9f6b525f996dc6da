"""Vans, crews and their links, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from booking.domain.assignment import Stop, VanRequired, collide, require_van
from booking.domain.booking import InvalidTransition
from booking.domain.crew_links import CrewDay, LinkIsOver, crew_day_of, crew_token
from booking.domain.road import Step, statuses_after, tells_the_customer
from hypothesis import given
from hypothesis import strategies as st
from shared.ids import new_id

from ..factories import NOW, a_booking

EIGHT = datetime(2026, 11, 30, 13, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2100, 1, 1))


def at(hours: int, length: int, is_flexible: bool = False) -> Stop:
    start = EIGHT + timedelta(hours=hours)
    return Stop(start, start + timedelta(hours=length), is_flexible)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (at(0, 3), at(0, 3), True),
        (at(0, 3), at(2, 1), True),
        (at(0, 3), at(3, 1), False),
        (at(0, 10, True), at(0, 10, True), True),
        (at(0, 10, True), at(0, 3), False),
    ],
)
def test_windows_collide_when_they_overlap_and_both_were_promised(one: Stop, other: Stop, expected: bool) -> None:
    assert collide(one, other) is collide(other, one) is expected


def test_only_what_needs_a_van_asks_for_one() -> None:
    heavy = a_booking(specialty_items=[{"item_type": "peloton"}, {"item_type": "surfboard"}])
    with pytest.raises(VanRequired) as refused:
        require_van(heavy, ["peloton", "piano"])
    assert refused.value.extra == {"item_types": ["peloton"]}
    require_van(heavy, ["piano"])
    require_van(a_booking(specialty_items=[{"item_type": "peloton"}], van_id=new_id()), ["peloton"])


@pytest.mark.parametrize(
    ("status", "step", "expected"),
    [
        ("paid", "on_the_way", ()),
        ("paid", "picked_up", ("in_progress",)),
        ("paid", "delivered", ("in_progress", "completed")),
        ("in_progress", "picked_up", ()),
        ("in_progress", "delivered", ("completed",)),
        ("completed", "picked_up", ()),
        ("completed", "delivered", ()),
        ("confirmed", "on_the_way", ()),
    ],
)
def test_a_report_leads_on_and_never_back(status: Any, step: Step, expected: tuple[str, ...]) -> None:
    paid_at = NOW if status in ("paid", "in_progress", "completed") else None
    assert statuses_after(a_booking(status=status, paid_at=paid_at), step) == expected


@pytest.mark.parametrize("status", ["pending", "confirmed", "cancelled", "expired"])
def test_what_may_not_be_moved_is_not(status: Any) -> None:
    with pytest.raises(InvalidTransition):
        statuses_after(a_booking(status=status), "picked_up")


def test_the_customer_is_told_before_the_crew_is_there() -> None:
    assert tells_the_customer(a_booking(status="paid", paid_at=NOW), "on_the_way")
    assert not tells_the_customer(a_booking(status="in_progress", paid_at=NOW), "on_the_way")
    assert not tells_the_customer(a_booking(status="paid", paid_at=NOW), "picked_up")


@given(crew_id=st.uuids(), day=DAYS)
def test_a_link_says_what_it_was_made_for_until_its_day_is_over(crew_id: UUID, day: date) -> None:
    crew_day = CrewDay(crew_id, day)
    token = crew_token("secret", crew_day)
    assert len(token) <= 64
    assert crew_day_of("secret", token, day) == crew_day
    with pytest.raises(LinkIsOver):
        crew_day_of("secret", token, day + timedelta(days=1))
    with pytest.raises(LinkIsOver):
        crew_day_of("other secret", token, day)


@given(token=st.text(max_size=80))
def test_no_text_opens_what_it_should_not(token: str) -> None:
    with pytest.raises(LinkIsOver):
        crew_day_of("secret", token, date(2026, 1, 1))
