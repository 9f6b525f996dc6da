"""Booking for somebody who called."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from booking.adapters.sales_tables import quotes
from shared.contracts.booking import BookingCreated, BookingPaid, PaymentLinkRequested
from shared.contracts.customers import AuditRecorded, CustomerErased, CustomerRegistered, CustomerState
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import NOW, a_payment, an_order, with_policies
from ..other_services import OtherServices

PATH = "/api/staff/bookings/create/"
SAM = a_staff_member("view_bookings", "manage_bookings")
MANAGER = a_staff_member("view_bookings", "manage_bookings", "override_price")
AGREED = {"price_override_cents": 90_000, "price_override_reason": "Neighbours."}


async def call(service: RunningService, body: Any, caller: Caller = SAM, path: str = PATH, **headers: str) -> Any:
    async with service.as_caller(caller, **headers) as client:
        return await client.post(path, json=body)


async def grace(service: RunningService) -> CustomerState:
    customer = CustomerState(
        id=new_id(), version=1, email="grace@navy.example", first_name="Grace", last_name="Hopper",
        phone="+14155550199", created_at=NOW,
    )  # fmt: skip
    await service.receive(CustomerRegistered(customer=customer))
    return customer


def for_customer(customer_id: object, **values: Any) -> dict[str, Any]:
    order = an_order(**values)
    del order["customer_info"]
    return {**order, "customer_id": str(customer_id)}


async def test_a_guest_who_calls_gets_a_booking_and_a_link(service: RunningService) -> None:
    answer = await call(service, an_order())
    assert answer.status_code == 201, answer.text
    booking = answer.json()["booking"]
    assert (booking["customer_id"], booking["customer_name"], booking["status"]) == (None, "Ada Byron", "pending")
    assert (answer.json()["payment_link_sent"], answer.json()["list_price_cents"]) == (True, 111_500)
    [created] = await service.events(BookingCreated)
    assert isinstance(created, BookingCreated)
    assert (created.created_by, created.notify) == ("staff", True)
    assert "manage_token" not in answer.text


async def test_the_booking_waits_three_days_and_keeps_its_place(service: RunningService) -> None:
    booking = (await call(service, an_order())).json()["booking"]
    made, ends = (datetime.fromisoformat(booking[name]) for name in ("created_at", "expires_at"))
    assert ends - made == timedelta(hours=72)


async def test_a_customer_is_booked_for_by_the_copy_of_the_account(service: RunningService) -> None:
    customer = await grace(service)
    body = (await call(service, for_customer(customer.id, notify=False))).json()
    assert (body["booking"]["customer_id"], body["booking"]["customer_email"]) == (str(customer.id), customer.email)
    assert body["payment_link_sent"] is False
    async with service.as_caller(a_customer(id=customer.id)) as client:
        assert (await client.get("/api/customers/bookings/")).json()["count"] == 1
    [created] = await service.events(BookingCreated)
    assert not created.notify  # type: ignore[attr-defined]


async def test_unknown_and_erased_customers_can_not_be_booked_for(service: RunningService) -> None:
    customer = await grace(service)
    await service.receive(CustomerErased(customer_id=customer.id, email_sha256="0" * 64, erased_at=NOW))
    for nobody in (new_id(), customer.id):
        answer = await call(service, for_customer(nobody))
        assert (answer.status_code, list(answer.json()["field_errors"])) == (400, ["customer_id"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer_id": str(new_id())}, "customer_info"),
        ({"customer_info": None}, "customer_info"),
        ({"price_override_cents": 90_000}, "price_override_reason"),
        ({"price_override_cents": 90_000, "price_override_reason": " "}, "price_override_reason"),
        ({"price_override_reason": "Neighbours."}, "price_override_cents"),
        ({"price_override_cents": -1, "price_override_reason": "x"}, "price_override_cents"),
        ({"manage_token": "x"}, "manage_token"),
    ],
)
async def test_what_does_not_go_together_is_told(service: RunningService, change: Any, field: str) -> None:
    answer = await call(service, {**an_order(), **change}, MANAGER)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])


async def test_an_agreed_price_is_the_price_and_says_so(service: RunningService) -> None:
    body = (await call(service, {**an_order(), **AGREED}, MANAGER)).json()
    booking = body["booking"]
    pricing = booking["pricing"]
    assert (booking["total_price_cents"], body["list_price_cents"]) == (90_000, 111_500)
    assert pricing["subtotal_cents"] - pricing["discount_cents"] + pricing["price_override_cents"] == 90_000
    assert pricing["explanations"][-1]["sentence"] == "Agreed with our office: $900.00 in all."
    assert "Neighbours" not in str(booking)
    [quote] = await service.database.fetch_all(select(quotes))
    assert (quote.override_cents, quote.total_cents, quote.reason) == (90_000, 90_000, "Neighbours.")
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    assert len(await service.events(BookingPaid)) == 1


async def test_a_price_of_nothing_is_paid_at_once(service: RunningService) -> None:
    free = {"price_override_cents": 0, "price_override_reason": "We broke the vase."}
    body = (await call(service, {**an_order(), **free}, MANAGER)).json()
    assert (body["booking"]["status"], body["payment_link_sent"]) == ("paid", False)


async def test_a_price_that_no_card_can_be_charged_is_refused(service: RunningService) -> None:
    few = {"price_override_cents": 49, "price_override_reason": "Symbolic."}
    answer = await call(service, {**an_order(), **few}, MANAGER)
    assert answer.json()["error_code"] == "total_not_chargeable"


async def test_whoever_may_not_set_prices_can_not(service: RunningService) -> None:
    assert (await call(service, {**an_order(), **AGREED})).status_code == 403
    assert await service.events(BookingCreated) == []


async def test_who_booked_is_recorded(service: RunningService) -> None:
    booking = (await call(service, {**an_order(), **AGREED}, MANAGER)).json()["booking"]
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.action_type, entry.staff_id, str(entry.booking_id)) == ("booking_created", MANAGER.id, booking["id"])
    assert entry.after == {
        "status": "pending", "list_price_cents": 111_500, "total_price_cents": 90_000, "overbooked": False
    }  # fmt: skip


@pytest.fixture
def one_place(others: OtherServices) -> None:
    others.catalog = with_policies(daily_capacity={"mini_move": 1}).model_dump(mode="json")


async def test_a_reason_alone_does_not_overbook_a_day_that_has_room(one_place: None, service: RunningService) -> None:
    for _ in range(2):
        answer = await call(service, an_order(overbook_reason="A big family."))
        assert answer.status_code == 201
    entries = [event for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]
    assert [(entry.after or {})["overbooked"] for entry in entries] == [False, True]


async def test_the_same_key_books_once_even_at_once(service: RunningService) -> None:
    key = {"Idempotency-Key": "one-call-one-booking"}
    answers = await asyncio.gather(*(call(service, an_order(), **key) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len(await service.events(BookingCreated)) == len(await service.events(AuditRecorded)) == 1
    other = await call(service, an_order(notify=False), **key)
    assert other.json()["error_code"] == "idempotency_key_reused"


async def test_the_link_is_sent_again_once_per_key(service: RunningService) -> None:
    booking = (await call(service, an_order())).json()["booking"]
    path, key = f"/api/staff/bookings/{booking['id']}/payment-link/", {"Idempotency-Key": "send-it-once-more"}
    answers = await asyncio.gather(*(call(service, None, path=path, **key) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(await service.events(PaymentLinkRequested)) == 1
    assert (await call(service, None, path=path)).status_code == 200
    assert len(await service.events(PaymentLinkRequested)) == 2


async def test_there_is_no_link_for_what_is_paid(service: RunningService) -> None:
    booking = (await call(service, an_order())).json()["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    answer = await call(service, None, path=f"/api/staff/bookings/{booking['id']}/payment-link/")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "nothing_to_pay")
    assert (await call(service, None, path=f"/api/staff/bookings/{new_id()}/payment-link/")).status_code == 404


async def test_permissions_are_checked(service: RunningService) -> None:
    viewer = a_staff_member("view_bookings", "override_price")
    for caller, status in ((viewer, 403), (a_customer(), 403), (Caller(), 401)):
        assert (await call(service, an_order(), caller)).status_code == status
        link = f"/api/staff/bookings/{new_id()}/payment-link/"
        assert (await call(service, None, caller, link)).status_code == status
