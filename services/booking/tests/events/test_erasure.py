"""What an erasure does to bookings that are not over, and what comes after it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from booking.adapters.people_tables import erasures_owed, messages
from booking.adapters.sales_tables import quotes
from booking.adapters.tables import alerts, bookings, refunds
from shared.contracts.booking import AlertCleared, AlertRaised, BookingCancelled, RefundRequested
from shared.contracts.customers import CustomerState, CustomerVerified
from shared.contracts.notifications import MessageSent, MessageState
from shared.contracts.payments import PaymentProcessing, PaymentSucceeded, RefundCreated, RefundSucceeded
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer
from sqlalchemy import select

from ..factories import NOW, a_customers_order, a_payment, a_refund, an_address, an_order
from .test_customers import GUEST, SAM, ada, booked, contents, copies, erase

TRACES = ("Byron", "ada@example.com", "5550123", "Main St")
OWN = "/api/customers/bookings/create/"


async def row_of(service: RunningService, booking: dict[str, Any]) -> Any:
    return await service.database.fetch_one(select(bookings).where(bookings.c.id == booking["id"]))


async def change(service: RunningService, booking: dict[str, Any], **values: str) -> None:
    async with service.as_caller(SAM) as client:
        version = (await row_of(service, booking)).version
        answer = await client.put(f"/api/staff/bookings/{booking['id']}/", json={**values, "version": version})
        assert answer.status_code == 200, answer.text


async def paid(service: RunningService) -> dict[str, Any]:
    booking: dict[str, Any] = (await booked(service))["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    return booking


async def test_whose_move_is_under_way_is_taken_out_once_it_is_over(service: RunningService) -> None:
    booking = await paid(service)
    await change(service, booking, status="in_progress")
    await erase(service, ada())
    kept = await row_of(service, booking)
    assert (kept.status, kept.email, kept.pickup_address["city"]) == ("in_progress", "ada@example.com", "New York")
    [raised] = await service.events(AlertRaised)
    assert isinstance(raised, AlertRaised)
    assert (raised.severity, raised.booking_id) == ("critical", kept.id)
    await service.receive(raised)
    assert await service.run_job("erase-owed") == 0
    await change(service, booking, status="completed")
    assert (await service.run_job("erase-owed"), await service.run_job("erase-owed")) == (1, 0)
    [cleared] = await service.events(AlertCleared)
    await service.receive(cleared)
    [alert] = await service.database.fetch_all(select(alerts))
    assert alert.cleared_at is not None
    assert await service.database.fetch_all(select(erasures_owed)) == []
    everything = await contents(service)
    for trace in TRACES:
        assert trace not in everything, trace


@pytest.mark.parametrize(("hours_before", "percent"), [(24 * 30, 100), (1, 0)])
async def test_a_paid_move_ahead_is_cancelled_by_its_terms(
    service: RunningService, clock: MovableClock, hours_before: int, percent: int
) -> None:
    booking = await paid(service)
    clock.now = (await row_of(service, booking)).window_start - timedelta(hours=hours_before)
    await erase(service, ada())
    left = await row_of(service, booking)
    assert (left.status, left.email, left.pickup_address["city"], left.holds_place) == ("cancelled", "", "", False)
    back = left.paid_cents * percent // 100
    [told] = await service.events(BookingCancelled)
    assert isinstance(told, BookingCancelled)
    assert (told.booking.contact.email, told.refund_cents, told.refund_percent) == ("", back, percent)
    assert len(await service.events(RefundRequested)) == (1 if back else 0)
    everything = await contents(service)
    for trace in TRACES:
        assert trace not in everything, trace
    await erase(service, ada())
    assert len(await service.events(BookingCancelled)) == 1


async def test_what_was_being_paid_goes_back_in_full(service: RunningService) -> None:
    booking = (await booked(service))["booking"]
    await service.receive(PaymentProcessing(payment=a_payment(booking, version=2, status="processing")))
    await erase(service, ada())
    assert (await row_of(service, booking)).status == "cancelled"
    await service.receive(PaymentSucceeded(payment=a_payment(booking, version=3)))
    left = await row_of(service, booking)
    assert (left.status, left.email) == ("cancelled", "")
    assert len(await service.events(RefundRequested)) == 1


async def test_what_nobody_has_paid_is_cancelled_with_its_person(service: RunningService) -> None:
    booking = (await booked(service))["booking"]
    await erase(service, ada())
    left = await row_of(service, booking)
    assert (left.status, left.email, left.holds_place) == ("cancelled", "", False)
    [told] = await service.events(BookingCancelled)
    assert isinstance(told, BookingCancelled)
    assert (told.booking.contact.email, told.refund_cents, told.booking.version) == ("", 0, left.version)


async def test_somebody_erased_books_nothing_more(service: RunningService) -> None:
    customer = ada()
    await erase(service, customer)
    async with service.as_caller(a_customer(id=customer.id)) as client:
        refused = await client.post(OWN, json=a_customers_order())
    assert (refused.status_code, refused.json()["error_code"]) == (409, "account_erased")
    assert await service.database.fetch_all(select(bookings)) == []


async def test_a_booking_made_in_the_moment_of_the_erasure_is_refused_or_blank(service: RunningService) -> None:
    customer = ada()

    async def book() -> int:
        async with service.as_caller(a_customer(id=customer.id)) as client:
            return (await client.post(OWN, json=a_customers_order())).status_code

    statuses, _ = await asyncio.gather(asyncio.gather(*(book() for _ in range(6))), erase(service, customer))
    rows = await service.database.fetch_all(select(bookings))
    assert len(rows) == statuses.count(201)
    assert {row.email for row in rows} <= {""}
    assert set(statuses) <= {201, 409, 503}


async def test_who_comes_back_as_a_guest_stays_when_the_erasure_is_told_late(
    service: RunningService, clock: MovableClock
) -> None:
    clock.now += timedelta(minutes=1)
    booking = (await booked(service))["booking"]
    await erase(service, ada())
    assert (await row_of(service, booking)).email == "ada@example.com"


@pytest.mark.parametrize("late", [{}, {"email": "", "first_name": "", "last_name": "", "phone": ""}])
async def test_a_late_confirmation_gives_an_erased_customer_nothing(
    service: RunningService, clock: MovableClock, late: dict[str, str]
) -> None:
    customer = ada()
    await booked(service)
    await erase(service, customer)
    clock.now += timedelta(minutes=1)
    await booked(service)
    await service.receive(CustomerVerified(customer=customer.model_copy(update=late)))
    assert {row.customer_id for row in await service.database.fetch_all(select(bookings))} == {None}
    assert [one.email for one in await copies(service)] == [""]


async def test_a_blank_confirmation_collects_no_blank_bookings(service: RunningService) -> None:
    await booked(service)
    await erase(service, ada())
    nobody = ada(email="", first_name="", last_name="", phone="")
    await service.receive(CustomerVerified(customer=nobody))
    assert {row.customer_id for row in await service.database.fetch_all(select(bookings))} == {None}


async def test_what_was_told_before_the_erasure_and_comes_after_it_brings_no_text_back(service: RunningService) -> None:
    booking = await paid(service)
    payment = a_payment(booking)
    refund = a_refund(payment, version=1, status="pending", reason="Byron asked")
    await service.receive(RefundCreated(refund=refund, payment=payment))
    await change(service, booking, status="cancelled", reason="Byron moved out")
    await erase(service, ada())
    await service.receive(
        RefundSucceeded(refund=refund.model_copy(update={"version": 2, "status": "succeeded"}), payment=payment)
    )
    fresh = a_refund(payment, reason="Byron again")
    await service.receive(RefundCreated(refund=fresh, payment=payment))
    await service.receive(MessageSent(message=_a_message(booking)))
    assert {row.reason for row in await service.database.fetch_all(select(refunds))} == {""}
    assert [(row.subject, row.status) for row in await service.database.fetch_all(select(messages))] == [("", "sent")]


async def test_copies_about_others_keep_their_texts(service: RunningService) -> None:
    booking = await paid(service)
    await service.receive(RefundSucceeded(refund=a_refund(a_payment(booking)), payment=a_payment(booking)))
    await service.receive(MessageSent(message=_a_message(booking)))
    assert [row.reason for row in await service.database.fetch_all(select(refunds))] == ["asked for"]
    assert [row.subject for row in await service.database.fetch_all(select(messages))] == ["Byron"]


def _a_message(booking: dict[str, Any]) -> MessageState:
    about = {"kind": "paid", "channel": "email", "status": "sent", "subject": "Byron", "booking_id": booking["id"]}
    return MessageState.model_validate({"id": new_id(), "version": 1, **about})


async def test_a_kept_price_loses_the_places_and_can_still_be_computed_again(service: RunningService) -> None:
    order = an_order()
    order["addresses"]["delivery"] = an_address("2 Shore Rd", "Montauk", "NY", "11954-7391")
    async with service.as_caller() as client:
        booking = (await client.post(GUEST, json=order)).json()["booking"]
    replay = f"/api/staff/bookings/{booking['id']}/price/replay/"
    async with service.as_caller(SAM) as client:
        before = (await client.get(replay)).json()
        await erase(service, ada())
        after = (await client.get(replay)).json()
    [kept] = await service.database.fetch_all(select(quotes.c.move))
    assert {kept.move[side]["zip_code"] for side in ("pickup", "delivery")} == {""}
    assert [line["replayed_cents"] for line in after["lines"]] == [line["replayed_cents"] for line in before["lines"]]
    assert after["agrees"]
    assert any(line["line"] == "geographic_surcharge" and line["replayed_cents"] == 12000 for line in after["lines"])


async def test_somebody_with_a_longer_address_stays_whole(service: RunningService) -> None:
    await booked(service)
    other = (await booked(service, "joada@example.com"))["booking"]
    customer = CustomerState.model_validate({**ada().model_dump(), "id": new_id()})
    await erase(service, customer)
    left = await row_of(service, other)
    assert (left.email, left.phone, left.created_at) == ("joada@example.com", "+12125550123", NOW)
