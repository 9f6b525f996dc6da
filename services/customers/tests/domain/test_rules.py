from datetime import UTC, datetime, timedelta

import pytest
from customers.adapters.common_passwords import common_passwords
from customers.domain.lockout import failures_after, lock_after, login_key, refuse_if_locked
from customers.domain.passwords import password_problems
from customers.domain.permissions import PERMISSIONS, ROLES, permissions_of, permissions_with
from customers.domain.statistics import Totals
from customers.domain.tokens import may_send_link
from shared.errors import Locked

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("x7$kk2pq", True),
        ("x7$kk2p", False),
        ("y" * 7 + "ö" * 121, True),
        ("y" * 129, False),
        ("password", False),
        ("PassWord1", False),
        ("12345678", False),
        ("Ada@Example.com", False),
        ("ada@example.org", True),
    ],
)
def test_passwords_are_long_uncommon_and_not_the_address(password: str, good: bool) -> None:
    assert (password_problems(password, "ada@example.com", common_passwords()) == []) is good


def test_the_list_of_common_passwords_holds_all_that_could_be_chosen() -> None:
    assert len(common_passwords()) > 3_000
    assert all(len(password) >= 8 and password == password.lower() for password in common_passwords())


ROLE_TABLE = {
    "view_bookings": "viewer operator manager admin",
    "view_customers": "viewer operator manager admin",
    "view_catalog": "viewer operator manager admin",
    "manage_bookings": "operator manager admin",
    "edit_customer_notes": "operator manager admin",
    "manage_customers": "manager admin",
    "view_reports": "manager admin",
    "refund_payments": "manager admin",
    "override_price": "manager admin",
    "manage_catalog": "manager admin",
    "manage_staff": "admin",
    "manage_operations": "admin",
}


@pytest.mark.parametrize("permission", sorted(ROLE_TABLE))
def test_each_role_may_do_what_the_table_says(permission: str) -> None:
    assert [role for role in ROLES if permission in permissions_of(role)] == ROLE_TABLE[permission].split()


def test_the_table_names_every_permission() -> None:
    assert set(ROLE_TABLE) == PERMISSIONS


def test_single_permissions_are_granted_and_denied_on_top_of_the_role() -> None:
    exceptions = {"refund_payments": True, "manage_bookings": False, "fly": True}
    expected = permissions_of("operator") - {"manage_bookings"} | {"refund_payments"}
    assert permissions_with("operator", exceptions) == expected


def test_a_denial_is_stronger_than_a_grant() -> None:
    assert "view_reports" not in permissions_of("viewer", ["view_reports"], ["view_reports"])


def test_the_tenth_failure_within_fifteen_minutes_locks_for_fifteen_minutes() -> None:
    failures: list[datetime] = []
    for minute in range(9):
        failures = failures_after(failures, NOW + minute * MINUTE)
        assert lock_after(failures, NOW + minute * MINUTE) is None
    failures = failures_after(failures, NOW + 14 * MINUTE)
    assert lock_after(failures, NOW + 14 * MINUTE) == NOW + 29 * MINUTE


def test_failures_older_than_fifteen_minutes_do_not_count() -> None:
    earlier = [NOW - 15 * MINUTE] * 9
    assert failures_after(earlier, NOW) == [NOW]


def test_a_lock_tells_how_long_it_lasts_and_ends_by_itself() -> None:
    refuse_if_locked(NOW, NOW)
    refuse_if_locked(None, NOW)
    with pytest.raises(Locked) as locked:
        refuse_if_locked(NOW + timedelta(seconds=1.2), NOW)
    assert locked.value.retry_after == 2


def test_a_login_is_counted_whatever_the_case_of_its_address() -> None:
    assert login_key("Ada@Example.com") == login_key("ada@example.com") != login_key("bob@example.com")


@pytest.mark.parametrize(
    ("bookings", "cents", "vip", "by_hand"),
    [
        (10, 0, True, True),
        (9, 199_999, False, True),
        (0, 200_000, True, True),
        (5, 0, False, True),
        (4, 99_999, False, False),
        (0, 100_000, False, True),
    ],
)
def test_a_vip_has_ten_bookings_or_two_thousand_dollars(bookings: int, cents: int, vip: bool, by_hand: bool) -> None:
    totals = Totals(bookings, cents)
    assert (totals.is_vip, totals.may_be_made_vip) == (vip, by_hand)


@pytest.mark.parametrize(
    ("minutes_ago", "may"),
    [([], True), ([1], True), ([0.98], False), ([50, 40, 30, 20], True), ([50, 40, 30, 20, 10], False)],
)
def test_an_account_gets_five_links_an_hour_and_none_within_a_minute(minutes_ago: list[float], may: bool) -> None:
    assert may_send_link([NOW - ago * MINUTE for ago in minutes_ago], NOW) is may
