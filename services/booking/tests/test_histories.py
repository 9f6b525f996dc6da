"""Two hundred random histories, each step by step the same in the real service and in a model in memory."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from booking.adapters.logistics_tables import crews
from booking.adapters.sales_tables import capacity_days, discount_codes
from booking.adapters.tables import bookings, payments, refund_requests
from booking.service import SERVICE
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from shared.contracts.catalog import DiscountCodeChanged, DiscountCodeState
from shared.contracts.payments import PaymentFailed, PaymentProcessing, PaymentSucceeded
from shared.ids import new_id
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import BOOKING_KEY, MovableClock, RunningService, a_staff_member, running
from sqlalchemy import func, select, text

from .factories import NOW, a_payment, an_address, an_order, with_policies
from .histories import CAPACITY, CODE_USES, CODES, NEAR, ORDINARY, OTHER, SATURDAY, Model, Told, window_of
from .other_services import OtherServices

HISTORIES, STEPS = 200, 14
GUEST = "/api/bookings/guest-booking/"
STAFF = a_staff_member("manage_bookings")
ALL_DAYS = (NEAR, ORDINARY, OTHER, SATURDAY)
DAYS = st.sampled_from(ALL_DAYS)
WHICH = st.integers(min_value=0, max_value=50)
_FORGET = text(
    "TRUNCATE bookings, capacity_days, quotes, discount_redemptions, discount_codes, payments, refunds,"
    " refund_requests, outbox, booking_listings, alerts CASCADE"
)


class Stage:
    """The real service with its clock, and the loop it lives in."""

    def __init__(self, runner: asyncio.Runner, service: RunningService, clock: MovableClock) -> None:
        self.runner, self.service, self.clock = runner, service, clock
        self.crew_id = new_id()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def forget(self) -> None:
        self.clock.now = NOW
        async with self.service.database.transaction() as connection:
            await connection.execute(_FORGET)
        for name, value in CODES.items():
            code = DiscountCodeState(
                id=new_id(), version=1, code=name, discount_type="fixed", value=value, max_uses=CODE_USES,
                max_uses_per_customer=100, valid_from=NOW - timedelta(days=1),
            )  # fmt: skip
            await self.service.receive(DiscountCodeChanged(discount_code=code))

    async def call(self, method: str, path: str, body: Any, as_staff: bool = False) -> Any:
        async with self.service.as_caller(*([STAFF] if as_staff else [])) as client:
            return await client.request(method, path, json=body)


class Histories(RuleBasedStateMachine):
    """Books, pays, fails, cancels, moves, confirms, edits, assigns, and lets time pass."""

    stage: Stage

    @initialize(is_near=st.booleans())
    def begin(self, is_near: bool) -> None:
        """Half of the histories begin with a paid booking that is moved and cancelled too late for nothing."""
        self.model = Model()
        self.facts: dict[str, dict[str, Any]] = {}
        self.stage.run(self.stage.forget())
        if is_near:
            self.book(NEAR, None)
            self.pay(0)

    def one(self, which: int) -> tuple[str, Told]:
        known = list(self.model.bookings.items())
        return known[which % len(known)]

    def has_any(self) -> bool:
        return bool(getattr(self, "model", None) and self.model.bookings)

    @rule(day=DAYS, code=st.sampled_from([None, *CODES]))
    def book(self, day: str, code: str | None) -> None:
        order = an_order(
            details={
                "service_type": "standard_delivery", "package_type": ..., "item_count": 3, "pickup_date": day,
                "discount_code": code,
            },
            addresses={"pickup": an_address(), "delivery": an_address()},
        )  # fmt: skip
        answer = self.stage.run(self.stage.call("POST", GUEST, order))
        if self.is_over(day) or (code and self.model.uses[code] >= CODE_USES):
            assert answer.status_code == 400, answer.text
        elif self.model.used(day) >= CAPACITY:
            assert (answer.status_code, answer.json()["error_code"]) == (409, "no_capacity")
        else:
            booking = answer.json()["booking"]
            self.facts[booking["id"]] = answer.json()
            self.model.book(booking["id"], day, code, self.stage.clock.now)

    def is_over(self, day: str) -> bool:
        return bool(self.stage.clock.now >= window_of(day)[1])

    def payment_of(self, booking_id: str, told: Told) -> Any:
        if told.payment is None:
            told.payment = a_payment({**self.facts[booking_id]["booking"], "total_price_cents": told.total}, version=1)
        told.payment = told.payment.model_copy(update={"version": told.payment.version + 1})
        return told.payment

    @precondition(has_any)
    @rule(which=WHICH)
    def pay(self, which: int) -> None:
        booking_id, told = self.one(which)
        if told.code == "GIFT":
            return
        payment = self.payment_of(booking_id, told)
        for _ in range(2):
            self.stage.run(self.stage.service.receive(PaymentSucceeded(payment=payment)))
        told.is_processing = False
        self.model.succeed(told, payment.captured_cents)

    @precondition(has_any)
    @rule(which=WHICH)
    def try_a_card(self, which: int) -> None:
        booking_id, told = self.one(which)
        if told.status == "pending":
            changes = {"status": "processing"}
            payment = self.payment_of(booking_id, told).model_copy(update=changes)
            self.stage.run(self.stage.service.receive(PaymentProcessing(payment=payment)))
            told.is_processing = True

    @precondition(has_any)
    @rule(which=WHICH)
    def decline(self, which: int) -> None:
        booking_id, told = self.one(which)
        if told.is_processing:
            payment = self.payment_of(booking_id, told).model_copy(update={"status": "pending"})
            self.stage.run(self.stage.service.receive(PaymentFailed(payment=payment)))
            told.is_processing = False

    @precondition(has_any)
    @rule(which=WHICH)
    def pay_the_difference(self, which: int) -> None:
        booking_id, told = self.one(which)
        if told.status != "paid" or not told.adjustments:
            return
        number, (cents, how) = len(told.adjustments), told.adjustments[-1]
        if how == "paid":
            return
        booking = self.facts[booking_id]["booking"]
        payment = a_payment(booking, purpose=f"adjustment:{number}", amount_cents=cents, captured_cents=cents)
        self.stage.run(self.stage.service.receive(PaymentSucceeded(payment=payment)))
        told.pay_last_change()

    @precondition(has_any)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        booking_id, told = self.one(which)
        facts = self.facts[booking_id]
        path = f"/api/bookings/booking-status/{facts['booking']['booking_number']}/cancel/"
        answer = self.stage.run(self.stage.call("POST", path, {"manage_token": facts["manage_token"]}))
        if told.status not in ("pending", "confirmed", "paid"):
            assert answer.status_code == 409
            return
        refund = self.model.refund_of(told, self.stage.clock.now)
        assert answer.json()["refund"]["refund_cents"] == refund
        told.refunded += refund
        told.end("cancelled")

    @precondition(has_any)
    @rule(which=WHICH, day=DAYS)
    def move(self, which: int, day: str) -> None:
        booking_id, told = self.one(which)
        facts, slot = self.facts[booking_id], {"pickup_date": day, "pickup_time": "morning"}
        path = f"/api/bookings/booking-status/{facts['booking']['booking_number']}/reschedule/"
        answer = self.stage.run(self.stage.call("POST", path, {**slot, "manage_token": facts["manage_token"]}))
        has_begun = self.stage.clock.now >= window_of(told.day)[0]
        if told.status not in ("pending", "confirmed", "paid") or has_begun:
            assert (answer.status_code, answer.json()["error_code"]) == (409, "cannot_reschedule")
        elif day == told.day or self.is_over(day):
            assert answer.status_code == 400
        elif self.model.used(day) >= CAPACITY:
            assert (answer.status_code, answer.json()["error_code"]) == (409, "no_capacity")
        else:
            assert answer.status_code == 200, answer.text
            self.model.reschedule(told, day, self.stage.clock.now)

    def change(self, booking_id: str, **changes: Any) -> Any:
        row = self.stage.run(
            self.stage.service.database.fetch_one(select(bookings.c.version).where(bookings.c.id == booking_id))
        )
        body = {"version": row.version, **changes}
        return self.stage.run(self.stage.call("PUT", f"/api/staff/bookings/{booking_id}/", body, as_staff=True))

    @precondition(has_any)
    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        booking_id, told = self.one(which)
        if told.status == "pending":
            expected = 200 if self.model.confirm(told) else 409
            assert self.change(booking_id, status="confirmed").status_code == expected

    @precondition(has_any)
    @rule(which=WHICH)
    def carry_out(self, which: int) -> None:
        booking_id, told = self.one(which)
        following = {"paid": "in_progress", "in_progress": "completed"}.get(told.status)
        if following:
            assert self.change(booking_id, status=following).status_code == 200
            told.status = following

    @precondition(has_any)
    @rule(which=WHICH, words=st.sampled_from(["Ring.", "Third floor.", ""]))
    def edit(self, which: int, words: str) -> None:
        booking_id, told = self.one(which)
        assert self.change(booking_id, special_instructions=words).status_code == 200
        told.instructions = words
        stale = {"version": 1, "special_instructions": "Too late."}
        answer = self.stage.run(self.stage.call("PUT", f"/api/staff/bookings/{booking_id}/", stale, as_staff=True))
        assert (answer.status_code, answer.json()["error_code"]) == (409, "stale_version")

    @precondition(has_any)
    @rule(which=WHICH)
    def assign(self, which: int) -> None:
        booking_id, told = self.one(which)
        path, body = f"/api/staff/bookings/{booking_id}/assignment/", {"crew_id": str(self.stage.crew_id)}
        answer = self.stage.run(self.stage.call("PUT", path, {**body, "van_id": None, "sequence": 1}, as_staff=True))
        is_assignable = told.status in ("pending", "confirmed", "paid", "in_progress")
        assert answer.status_code == (200 if is_assignable else 409), answer.text
        told.has_crew |= is_assignable

    @rule(minutes=st.sampled_from([10, 31, 24 * 60]))
    def let_time_pass(self, minutes: int) -> None:
        self.stage.clock.now += timedelta(minutes=minutes)
        for job in ("expire-unpaid", "end-holds"):
            self.stage.run(self.stage.service.run_job(job))
        self.model.let_time_pass(self.stage.clock.now)

    @invariant()
    def the_service_agrees_with_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        rows, days, uses = self.stage.run(_real(self.stage.service))
        assert rows == {booking_id: _seen(told) for booking_id, told in self.model.bookings.items()}
        used = {day: self.model.used(day) for day in ALL_DAYS}
        assert days == {day: count for day, count in used.items() if count}
        assert uses == self.model.uses


def _seen(told: Told) -> tuple[Any, ...]:
    return (
        told.status, told.day, told.total, told.paid, told.returned, told.holds, told.adjustments,
        told.instructions, told.has_crew, told.refunded,
    )  # fmt: skip


_ASKED_BACK = (
    select(
        refund_requests.c.payment_id,
        refund_requests.c.booking_id,
        func.bool_or(refund_requests.c.amount_cents.is_(None)).label("is_all"),
        func.sum(refund_requests.c.amount_cents).label("cents"),
        payments.c.captured_cents,
    )
    .join(payments, payments.c.id == refund_requests.c.payment_id)
    .group_by(refund_requests.c.payment_id, refund_requests.c.booking_id, payments.c.captured_cents)
)


async def _asked_back(service: RunningService) -> Counter[str]:
    """The cents that booking wants back from payments, by booking."""
    asked: Counter[str] = Counter()
    for row in await service.database.fetch_all(_ASKED_BACK):
        asked[str(row.booking_id)] += row.captured_cents if row.is_all else row.cents
    return asked


async def _real(service: RunningService) -> tuple[dict[str, Any], dict[str, int], dict[str, int]]:
    back = await _asked_back(service)
    rows = {
        str(row.id): (
            row.status, row.pickup_date.isoformat(), row.total_price_cents, row.paid_cents, row.returned_cents,
            row.holds_place, [(one["amount_cents"], one["status"]) for one in row.adjustments],
            row.special_instructions, row.crew_id is not None, back[str(row.id)],
        )
        for row in await service.database.fetch_all(select(bookings))
    }  # fmt: skip
    days = await service.database.fetch_all(select(capacity_days).where(capacity_days.c.used > 0))
    uses = await service.database.fetch_all(select(discount_codes.c.code, discount_codes.c.uses))
    return rows, {row.day.isoformat(): row.used for row in days}, {row.code: row.uses for row in uses}


def _crew(crew_id: UUID) -> dict[str, Any]:
    times = {"created_at": NOW, "updated_at": NOW}
    return {"id": crew_id, "name": "Blue", "members": [], "phone": "", "is_active": True, **times}


@pytest.mark.timeout(1800)
def test_two_hundred_histories_agree_with_the_model(database_factory: DatabaseFactory) -> None:
    with asyncio.Runner() as runner:
        clock, others = MovableClock(NOW), OtherServices()
        places = dict.fromkeys(("mini_move", "standard_delivery", "specialty_item"), CAPACITY)
        others.catalog = with_policies(daily_capacity=places).model_dump(mode="json")
        runner.run(others.start())
        urls = {"payments_url": others.url, "catalog_url": others.url, "identity_private_key": BOOKING_KEY}
        context = running(SERVICE, database_factory, clock, **urls)
        stage = Stage(runner, runner.run(context.__aenter__()), clock)
        runner.run(stage.service.put(crews, **_crew(stage.crew_id)))
        Histories.stage = stage
        try:
            run_state_machine_as_test(
                Histories,
                settings=settings(
                    max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            runner.run(context.__aexit__(None, None, None))
            runner.run(others.stop())
