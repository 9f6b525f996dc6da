"""Booking's part of the proof that operators see."""

from datetime import timedelta
from typing import Any

import pytest
from shared.contracts.payments import PaymentSucceeded, RefundSucceeded
from shared.invariants import GRACE
from shared.testing.service import RunningService, a_staff_member
from sqlalchemy import text

from ..factories import NOW, a_payment, a_refund, an_order

OPERATOR = a_staff_member("manage_operations")
LONG_AGO = NOW - GRACE - timedelta(seconds=1)


async def proof(service: RunningService) -> dict[str, Any]:
    async with service.as_caller(OPERATOR) as client:
        answer = await client.get("/operations/invariants/", params={"at": NOW.isoformat()})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def paid(service: RunningService, **values: Any) -> Any:
    async with service.as_caller() as client:
        booking = (await client.post("/api/bookings/guest-booking/", json=an_order())).json()["booking"]
    payment = a_payment(booking, **values)
    await service.receive(PaymentSucceeded(payment=payment))
    return payment


async def test_what_is_as_it_should_be_is_proven_with_figures(service: RunningService) -> None:
    await paid(service)
    checks = {check["name"]: check for check in (await proof(service))["checks"]}
    assert all(check["ok"] for check in checks.values())
    assert checks["bookings_hold_their_payments"]["figures"] == {
        "paid_bookings": 1, "paid_cents": 111_500, "copied_cents": 111_500, "wrong": 0
    }  # fmt: skip
    assert checks["places_as_held"]["figures"] == {"taken": 1, "held": 1, "wrong": 0}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE payments SET captured_cents = captured_cents - 1", "bookings_hold_their_payments"),
        ("DELETE FROM payments", "bookings_hold_their_payments"),
        ("UPDATE capacity_days SET used = used + 1", "places_as_held"),
        ("UPDATE bookings SET holds_place = false", "places_as_held"),
        ("DELETE FROM capacity_days", "places_as_held"),
        ("UPDATE outbox SET parked_at = now()", "nothing_parked"),
        ("UPDATE outbox SET time = time - interval '2 minutes'", "events_published"),
    ],
)
async def test_what_is_not_is_found(service: RunningService, change: str, broken: str) -> None:
    await paid(service)
    async with service.database.transaction() as connection:
        await connection.execute(text(change))
    assert [check["name"] for check in (await proof(service))["checks"] if not check["ok"]] == [broken]


async def test_copies_are_summed_but_for_what_is_under_way(service: RunningService) -> None:
    old = await paid(service, processed_at=LONG_AGO)
    await paid(service, processed_at=NOW - GRACE)
    refund = a_refund(old, amount_cents=500, processed_at=LONG_AGO)
    await service.receive(RefundSucceeded(refund=refund, payment=old))
    assert (await proof(service))["totals"] == {
        "payments": {"captured": 1, "captured_cents": 111_500},
        "refunds": {"succeeded": 1, "refunded_cents": 500},
    }
