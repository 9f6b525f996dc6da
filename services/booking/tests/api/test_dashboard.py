"""The office's day at a glance, and the alerts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.tables import bookings
from booking.queries.dashboard import Dashboard
from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking import AlertCleared, AlertRaised
from shared.contracts.customers import AuditRecorded
from shared.contracts.notifications import MessageFailed, MessageState
from shared.contracts.payments import (
    DisputeOpened,
    DisputeState,
    PaymentSucceeded,
    RefundCreated,
    RefundFailed,
    RefundStatus,
    RefundSucceeded,
)
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import update

from ..factories import NOW, a_payment, a_refund, an_order

SAM = a_staff_member("view_bookings", "manage_bookings")
MANAGER = a_staff_member("view_bookings", "view_reports")


async def booked(service: RunningService, **details: Any) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order(details=details))
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def get(service: RunningService, path: str = "dashboard/", caller: Caller = MANAGER, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(f"/api/staff/{path}", params=query)


async def clear(service: RunningService, alert_id: object, caller: Caller = SAM) -> Any:
    async with service.as_caller(caller) as client:
        return await client.post(f"/api/staff/alerts/{alert_id}/clear/")


async def raised(service: RunningService, key: str = "late_payment:1", **values: Any) -> AlertRaised:
    alert = AlertRaised(alert_id=new_id(), key=key, message="Something is wrong.", **values)
    await service.receive(alert)
    return alert


async def of_age(service: RunningService, booking: Any, created_at: datetime) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(update(bookings).where(bookings.c.id == booking["id"]).values(created_at=created_at))


async def test_bookings_are_counted_by_business_days(service: RunningService) -> None:
    """It is Monday the 23rd, 10 in the morning in New York."""
    moments = (NOW, datetime(2026, 11, 23, 4, 59, tzinfo=UTC), datetime(2026, 11, 1, 4, 0, tzinfo=UTC))
    for moment in moments:
        await of_age(service, await booked(service), moment)
    await of_age(service, await booked(service), datetime(2026, 11, 1, 3, 59, tzinfo=UTC))
    stats = (await get(service)).json()["booking_stats"]
    assert stats["created"] == {"today": 1, "week": 1, "month": 3}
    assert (stats["by_status"], stats["by_service_type"]) == ({"pending": 4}, {"mini_move": 4})


async def test_tomorrow_is_held_against_its_capacity(service: RunningService) -> None:
    await booked(service, pickup_date="2026-11-24")
    stats = (await get(service)).json()["booking_stats"]
    load = {one["service_type"]: one for one in stats["tomorrow"]["load"]}
    assert stats["tomorrow"]["date"] == "2026-11-24"
    assert load["mini_move"]["booked"] == 1
    assert load["mini_move"]["capacity"] > 1
    assert stats["pickups"] == {"today": 0, "tomorrow": 1}


async def test_revenue_is_what_was_paid_without_what_went_back(service: RunningService) -> None:
    booking, waiting = await booked(service), await booked(service)
    payment = a_payment(booking, processed_at=NOW)
    await service.receive(PaymentSucceeded(payment=payment))
    refund = a_refund(payment, amount_cents=1_550, processed_at=NOW)
    await service.receive(RefundSucceeded(refund=refund, payment=payment))
    metrics = (await get(service)).json()["revenue_metrics"]
    assert metrics["today"] == {
        "paid_cents": 111_500, "refunded_cents": 1_550, "revenue_cents": 109_950, "revenue_dollars": 1099.5
    }  # fmt: skip
    assert metrics["outstanding_cents"] == waiting["total_price_cents"]


async def test_money_is_for_those_who_may_see_it(service: RunningService) -> None:
    earlier = NOW - timedelta(minutes=1)
    await service.receive(PaymentSucceeded(payment=a_payment(await booked(service), processed_at=earlier)))
    shown = (await get(service, caller=SAM)).json()
    assert shown["revenue_metrics"] is None
    assert {one["amount_cents"] for one in shown["recent_activity"]} == {None}
    activity = (await get(service)).json()["recent_activity"]
    assert [(one["kind"], one["status"], one["amount_cents"]) for one in activity] == [
        ("booking", "paid", None),
        ("payment", "succeeded", 111_500),
    ]


async def test_it_is_read_anew_after_a_minute(service: RunningService, clock: MovableClock) -> None:
    before = (await get(service)).json()
    await booked(service)
    assert (await get(service)).json() == before
    clock.now += timedelta(seconds=60)
    after = (await get(service)).json()
    assert (before["booking_stats"]["created"]["today"], after["booking_stats"]["created"]["today"]) == (0, 1)
    assert datetime.fromisoformat(after["generated_at"]) == clock.now


async def warnings(service: RunningService) -> dict[str, Any]:
    return {one["kind"]: one for one in (await get(service)).json()["alerts"]}


async def test_a_move_within_a_day_that_is_not_paid_is_told(service: RunningService) -> None:
    due = await booked(service, pickup_date="2026-11-24")
    await booked(service, pickup_date="2026-11-25")
    [warning] = (await get(service)).json()["alerts"]
    assert (warning["kind"], warning["booking_id"]) == ("unpaid_due", due["id"])
    assert "$1,115.00 are not paid" in warning["message"]


async def test_a_move_that_is_not_paid_is_told_until_its_window_is_over(
    service: RunningService, clock: MovableClock
) -> None:
    await booked(service, pickup_date="2026-11-24")
    clock.now = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 10:59 in New York
    [warning] = (await get(service)).json()["alerts"]
    assert (warning["kind"], "has begun and $1,115.00 are not paid" in warning["message"]) == ("unpaid_due", True)
    clock.now += timedelta(minutes=1)
    assert await warnings(service) == {}


async def test_troubles_are_counted(service: RunningService) -> None:
    payment = a_payment(await booked(service))
    await service.receive(RefundFailed(refund=a_refund(payment, status="failed"), payment=payment))
    dispute = DisputeState(
        id=new_id(), version=1, payment_id=payment.id, booking_id=payment.booking_id, booking_number="TT-1",
        amount_cents=100, status="open", opened_at=NOW,
    )  # fmt: skip
    await service.receive(DisputeOpened(dispute=dispute))
    message = MessageState(id=new_id(), version=1, kind="reminder", channel="email", status="failed")
    await service.receive(MessageFailed(message=message))
    found = await warnings(service)
    assert {kind: one["count"] for kind, one in found.items()} == {
        "refunds_failed": 1, "disputes_open": 1, "messages_failed": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "cents", "count"),
    [("succeeded", 500, 0), ("pending", 500, 0), ("failed", 500, 2), ("succeeded", 499, 1)],
)
async def test_a_failed_refund_counts_until_another_makes_up_for_it(
    service: RunningService, status: RefundStatus, cents: int, count: int
) -> None:
    payment = a_payment(await booked(service))
    failed = a_refund(payment, status="failed", amount_cents=500, created_at=NOW)
    later = a_refund(payment, status=status, amount_cents=cents, created_at=NOW + timedelta(hours=1))
    await service.receive(RefundFailed(refund=failed, payment=payment))
    await service.receive(RefundCreated(refund=later, payment=payment))
    found = await warnings(service)
    assert found.get("refunds_failed", {}).get("count", 0) == count


async def test_a_failed_refund_that_somebody_took_care_of_counts_no_more(service: RunningService) -> None:
    payment = a_payment(await booked(service))
    failed = a_refund(payment, status="failed")
    await service.receive(RefundFailed(refund=failed, payment=payment))
    alert = await raised(service, f"refund-failed:{failed.id}")
    await clear(service, alert.alert_id)
    assert await warnings(service) == {}


async def test_what_is_parked_anywhere_is_told_by_service(service: RunningService) -> None:
    await raised(service, "parked:payments", severity="critical")
    assert set(await warnings(service)) == {"dead_letters"}


async def test_readers_at_the_minute_read_it_once(service: RunningService, clock: MovableClock) -> None:
    catalog = next(part for part in service.parts.resources if isinstance(part, CatalogCopy))
    dashboard = Dashboard(service.database, catalog, clock, BUSINESS_TIMEZONE)
    overviews = await asyncio.gather(*(dashboard.overview() for _ in range(5)))
    assert all(overview is overviews[0] for overview in overviews)


async def test_open_alerts_are_shown_until_they_are_cleared(service: RunningService, clock: MovableClock) -> None:
    alert = await raised(service, severity="critical")
    assert (await warnings(service))["alert"]["alert_id"] == str(alert.alert_id)
    assert (await clear(service, alert.alert_id)).status_code == 200
    clock.now += timedelta(minutes=2)
    assert await warnings(service) == {}


async def test_alerts_are_listed_and_narrowed(service: RunningService) -> None:
    await raised(service, "a:1", severity="critical")
    second = await raised(service, "b:2")
    await clear(service, (await raised(service, "c:3")).alert_id)
    listed = (await get(service, "alerts/")).json()
    assert {one["key"] for one in listed["results"]} == {"a:1", "b:2"}
    narrowed = (await get(service, "alerts/", severity="warning", page_size=1)).json()
    assert ([one["id"] for one in narrowed["results"]], narrowed["count"]) == ([str(second.alert_id)], 1)
    assert [one["key"] for one in (await get(service, "alerts/", is_cleared=True)).json()["results"]] == ["c:3"]


async def test_clearing_is_told_and_recorded_once(service: RunningService) -> None:
    alert = await raised(service)
    answers = await asyncio.gather(*(clear(service, alert.alert_id) for _ in range(3)))
    assert [answer.json()["alert"]["cleared_by"] for answer in answers] == [str(SAM.id)] * 3
    [cleared] = await service.events(AlertCleared)
    assert isinstance(cleared, AlertCleared)
    assert cleared.key == alert.key
    assert len(await service.events(AuditRecorded)) == 1
    await service.receive(cleared)
    assert (await get(service, "alerts/", is_cleared=True)).json()["results"][0]["cleared_by"] == str(SAM.id)


async def test_what_is_raised_again_comes_back_and_is_not_cleared_unseen(service: RunningService) -> None:
    first = await raised(service)
    await clear(service, first.alert_id)
    second = await raised(service)
    assert [one["id"] for one in (await get(service, "alerts/")).json()["results"]] == [str(second.alert_id)]
    assert (await clear(service, first.alert_id)).status_code == 404
    assert (await get(service, "alerts/")).json()["count"] == 1


async def test_an_end_that_is_older_than_the_alert_ends_nothing(service: RunningService) -> None:
    earlier = new_id()
    alert = await raised(service)
    await service.receive(AlertCleared(alert_id=earlier, key=alert.key))
    assert (await get(service, "alerts/")).json()["count"] == 1
    await service.receive(AlertCleared(alert_id=new_id(), key=alert.key))
    assert (await get(service, "alerts/")).json()["count"] == 0


async def test_permissions_are_checked(service: RunningService) -> None:
    for path in ("dashboard/", "alerts/"):
        assert (await get(service, path, a_staff_member("view_reports"))).status_code == 403
        assert (await get(service, path, a_customer())).status_code == 403
        assert (await get(service, path, Caller())).status_code == 401
    assert (await clear(service, new_id())).status_code == 404
    assert (await clear(service, new_id(), MANAGER)).status_code == 403
