"""What becomes of bookings when their customers change."""

import asyncio
import hashlib
from typing import Any

import orjson
from booking.adapters.people_tables import customers
from booking.adapters.tables import bookings, metadata
from booking.service import SERVICE
from shared.contracts.booking import BookingUpdated
from shared.contracts.customers import (
    CustomerErased,
    CustomerRegistered,
    CustomerState,
    CustomerUpdated,
    CustomerVerified,
    ErasureReported,
)
from shared.contracts.notifications import MessageSent, MessageState
from shared.contracts.payments import PaymentSucceeded, RefundSucceeded
from shared.db.tables import idempotency_keys, outbox
from shared.ids import new_id
from shared.testing.migrations import migrate_again
from shared.testing.service import RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import NOW, a_customers_order, a_payment, a_refund, an_order

SAM = a_staff_member("view_bookings", "manage_bookings")
GUEST = "/api/bookings/guest-booking/"


def ada(**values: Any) -> CustomerState:
    defaults: dict[str, Any] = {
        "id": new_id(), "version": 1, "email": "ada@example.com", "first_name": "Ada", "last_name": "Byron",
        "phone": "+12125550123", "email_verified": True, "created_at": NOW,
    }  # fmt: skip
    return CustomerState(**{**defaults, **values})


async def booked(service: RunningService, email: str = "Ada@Example.com", **headers: str) -> dict[str, Any]:
    order = an_order(special_instructions="Ring at Byron")
    order["customer_info"]["email"] = email
    async with service.as_caller(**headers) as client:
        body: dict[str, Any] = (await client.post(GUEST, json=order)).json()
    return body


async def copies(service: RunningService) -> list[Any]:
    return await service.database.fetch_all(select(customers))


async def test_a_copy_of_the_customer_takes_only_newer_states(service: RunningService) -> None:
    customer = ada()
    await service.receive(CustomerUpdated(customer=customer.model_copy(update={"version": 3, "last_name": "King"})))
    await service.receive(CustomerRegistered(customer=customer))
    assert [(one.last_name, one.version) for one in await copies(service)] == [("King", 3)]


async def test_what_a_guest_booked_becomes_the_customers(service: RunningService) -> None:
    booking, other = (await booked(service))["booking"], (await booked(service, "bob@example.com"))["booking"]
    customer = ada()
    await service.receive(CustomerVerified(customer=customer))
    await service.receive(CustomerVerified(customer=customer))
    rows = await service.database.fetch_all(select(bookings.c.id, bookings.c.customer_id, bookings.c.version))
    assert {str(row.id): (row.customer_id, row.version) for row in rows} == {
        booking["id"]: (customer.id, 2),
        other["id"]: (None, 1),
    }
    [updated] = await service.events(BookingUpdated)
    assert isinstance(updated, BookingUpdated)
    assert updated.booking.customer_id == customer.id
    async with service.as_caller(a_customer(id=customer.id)) as client:
        assert (await client.get(f"/api/customers/bookings/{booking['id']}/")).status_code == 200


async def test_bookings_find_their_customer_while_staff_change_them(service: RunningService) -> None:
    made = [(await booked(service))["booking"] for _ in range(4)]
    customer = ada()

    async def note(booking: dict[str, Any]) -> int:
        async with service.as_caller(SAM) as client:
            change = {"version": 1, "internal_notes": "called"}
            return (await client.put(f"/api/staff/bookings/{booking['id']}/", json=change)).status_code

    statuses, _ = await asyncio.gather(
        asyncio.gather(*map(note, made)), service.receive(CustomerVerified(customer=customer))
    )
    rows = await service.database.fetch_all(select(bookings))
    assert {row.customer_id for row in rows} == {customer.id}
    noted = [row.internal_notes for row in rows].count("called")
    assert noted == statuses.count(200)
    assert all(status in (200, 409) for status in statuses)


async def test_an_erased_customer_is_in_none_of_the_tables(service: RunningService) -> None:
    customer = ada()
    await service.receive(CustomerRegistered(customer=customer))
    caller = a_customer(id=customer.id)
    key = {"Idempotency-Key": "erase-me-erase-me"}
    async with service.as_caller(caller, **key) as client:
        order = a_customers_order(special_instructions="Ring at Byron", item_description="Byron's piano")
        booking = (await client.post("/api/customers/bookings/create/", json=order)).json()["booking"]
    payment = a_payment(booking, customer_id=customer.id)
    await service.receive(PaymentSucceeded(payment=payment))
    await service.receive(RefundSucceeded(refund=a_refund(payment, reason="Byron asked"), payment=payment))
    async with service.as_caller(SAM) as client:
        cancellation = {"status": "cancelled", "reason": "Byron moved out", "version": 2}
        assert (await client.put(f"/api/staff/bookings/{booking['id']}/", json=cancellation)).status_code == 200
    state = MessageState(
        id=new_id(), version=1, kind="paid", channel="email", status="sent", subject="Byron", booking_id=booking["id"]
    )
    await service.receive(MessageSent(message=state))
    await erase(service, customer)
    everything = await contents(service)
    for trace in ("Byron", "ada@example.com", "5550123", "Main St"):
        assert trace not in everything, trace


async def test_an_erased_booking_stays_for_the_books_and_opens_to_nobody(service: RunningService) -> None:
    made, other = await booked(service), await booked(service, "bob@example.com")
    booking, customer = made["booking"], ada()
    await erase(service, customer)
    async with service.as_caller(SAM) as client:
        file = (await client.get(f"/api/staff/bookings/{booking['id']}/")).json()
        kept = (await client.get(f"/api/staff/bookings/{other['booking']['id']}/")).json()
        found = (await client.get("/api/staff/bookings/", params={"customer_search": "ada"})).json()
        by_number = {"customer_search": booking["booking_number"]}
        assert (await client.get("/api/staff/bookings/", params=by_number)).json()["count"] == 1
    assert [one["customer_email"] for one in found["results"]] == ["bob@example.com"]
    assert file["complete_booking_details"]["total_price_cents"] == booking["total_price_cents"]
    assert file["customer_info"]["email"] == ""
    assert kept["customer_info"]["email"] == "bob@example.com"
    async with service.as_caller() as client:
        address = f"/api/bookings/booking-status/{booking['booking_number']}/"
        assert (await client.get(address, params={"token": made["manage_token"]})).status_code == 404
        assert (await client.get(address, params={"email": ""})).status_code == 404
        public = (await client.get(address)).json()
    assert (public["customer_name"], file["complete_booking_details"]["customer_name"]) == ("", "")


async def test_what_was_erased_is_told_and_does_not_come_back(service: RunningService) -> None:
    await booked(service)
    customer = ada()
    await erase(service, customer)
    await service.receive(CustomerUpdated(customer=customer.model_copy(update={"version": 9})))
    assert [(one.email, one.first_name) for one in await copies(service)] == [("", "")]
    [report] = await service.events(ErasureReported)
    assert isinstance(report, ErasureReported)
    assert (report.service, report.customer_id, report.erased["bookings"]) == ("booking", customer.id, 1)
    await erase(service, customer)
    assert (await service.events(ErasureReported))[1].erased["bookings"] == 0  # type: ignore[attr-defined]


async def erase(service: RunningService, customer: CustomerState) -> None:
    digest = hashlib.sha256(customer.email.encode()).hexdigest()
    await service.receive(CustomerErased(customer_id=customer.id, email_sha256=digest, erased_at=NOW))


async def contents(service: RunningService) -> str:
    """All that the service's own tables and its messages hold."""
    tables = [*metadata.sorted_tables, outbox, idempotency_keys]
    held = [table for table in tables if table.name != "catalog_versions"]
    rows = [row for table in held for row in await service.database.fetch_all(select(table))]
    return orjson.dumps([list(map(str, row)) for row in rows]).decode()


async def test_texts_of_sms_that_were_kept_once_are_forgotten(service: RunningService) -> None:
    made = await booked(service)
    spoken = {"channel": "sms", "subject": "https://totetaxi.example/bookings/TT-1?token=secret"}
    for told in (spoken, {"channel": "email", "subject": "Tomorrow"}):
        about = {
            "id": new_id(),
            "version": 1,
            "kind": "reminder",
            "booking_id": made["booking"]["id"],
            "status": "sent",
        }
        await service.receive(MessageSent(message=MessageState(**about, **told)))
    await migrate_again(service.database.url, SERVICE.migrations, "forget_texts_of_sms")
    async with service.as_caller(SAM) as client:
        file = (await client.get(f"/api/staff/bookings/{made['booking']['id']}/")).json()
    kept = {note["channel"]: note["subject"] for note in file["notifications"]}
    assert kept == {"sms": "", "email": "Tomorrow"}
