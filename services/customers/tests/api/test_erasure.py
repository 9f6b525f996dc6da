import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from customers.adapters.people_tables import erasure_reports
from customers.adapters.tables import accounts, customers
from customers.commands.erase_person import ErasePerson
from customers.commands.repeat_erasure import RepeatErasure
from customers.domain.errors import LastAdmin
from customers.domain.forgetting import NobodyToErase, fingerprint
from customers.queries.erasures import SERVICES
from shared.contracts.booking import AlertCleared, AlertRaised, BookingCreated, BookingUpdated
from shared.contracts.booking_state import Contact
from shared.contracts.customers import AccessChanged, CustomerErased, ErasureReported, StaffUpdated
from shared.ids import new_id
from shared.testing.looking import rows_with
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import text, update

from ..factories import BOOKED_AT, PASSWORD, a_booking, changed, hire, log_in, post, register

EMAIL, PHONE, LAST_NAME = "zyxada@quillfeather.example", "+12125550777", "Quillfeather"
PERSON = {"email": EMAIL, "phone": PHONE, "first_name": "Zyxada", "last_name": LAST_NAME}
MANAGER = a_staff_member("view_customers", "manage_customers", "edit_customer_notes")
CANARIES = (EMAIL, PHONE, LAST_NAME, "quillfeather.example")


async def hits(service: RunningService, word: str) -> dict[str, int]:
    """Rows per table in which the word is."""
    return await asyncio.to_thread(rows_with, service.database.url, word)


async def confirm_email(service: RunningService, customer_id: UUID) -> None:
    async with service.database.transaction() as connection:
        confirmed = update(customers).where(customers.c.id == customer_id).values(email_verified_at=BOOKED_AT)
        await connection.execute(confirmed)


async def a_person(service: RunningService, status: str = "completed") -> Any:
    """A customer with everything that a customer may have, and a guest booking from before."""
    customer_id = await register(service, **PERSON)
    await confirm_email(service, customer_id)
    me = a_customer(id=customer_id, **PERSON)
    contact = Contact(**{**PERSON, "first_name": "Zyxada"})
    for owner in (me.id, None):
        booking = a_booking(customer_id=owner, contact=contact, status=status)
        await service.receive(BookingCreated(booking=booking))
    home = {"nickname": LAST_NAME, "address_line_1": "1 Main", "city": "New York", "state": "NY", "zip_code": "10001"}
    await post(service, "/api/customers/addresses/", home, me)
    message = {"name": f"Zyxada {LAST_NAME}", "email": EMAIL, "message": f"I am {LAST_NAME}"}
    await post(service, "/api/customers/contact/", message, me)
    await log_in(service, EMAIL, "not the password")
    async with service.as_caller(MANAGER) as client:
        await client.put(f"/api/staff/customers/{me.id}/notes/", json={"notes": f"Call {PHONE}."})
        await client.put(f"/api/staff/customers/{me.id}/", json={"first_name": "Zyxada", "version": 1})
    return me


async def erase(service: RunningService, me: Any, password: str = PASSWORD) -> Any:
    return await post(service, "/api/customers/erase/", {"password": password}, me)


async def test_nothing_of_an_erased_person_is_left_here(service: RunningService) -> None:
    me = await a_person(service)
    assert set(await hits(service, LAST_NAME)) >= {"accounts", "booking_facts", "contact_messages", "outbox"}
    answer = await erase(service, me)
    assert answer.status_code == 200, answer.text
    for canary in CANARIES:
        assert await hits(service, canary) == {}, canary
    assert await hits(service, fingerprint(EMAIL)) == {"erasures": 1, "outbox": 1}


async def test_what_was_answered_to_a_key_is_forgotten_too(service: RunningService) -> None:
    me = await a_person(service)
    saved = {**HOME, "nickname": "Nest", "address_line_1": "77 Kestrel Lane"}
    async with service.as_caller(me, **{"Idempotency-Key": "one-and-the-same-key"}) as client:
        assert (await client.post("/api/customers/addresses/", json=saved)).status_code == 201
    assert "idempotency_keys" in await hits(service, "Kestrel")
    await erase(service, me)
    assert await hits(service, "Kestrel") == {}


async def test_everybody_is_told_and_all_sessions_end(service: RunningService) -> None:
    me = await a_person(service)
    await erase(service, me)
    [event] = await service.events(CustomerErased)
    assert (event.customer_id, event.email_sha256) == (me.id, fingerprint(EMAIL))  # type: ignore[attr-defined]
    [ended] = await service.events(AccessChanged)
    assert (ended.account_id, ended.reason) == (me.id, "erased")  # type: ignore[attr-defined]
    assert (await log_in(service, EMAIL)).status_code == 400
    async with service.as_caller(me) as client:
        assert (await client.get("/api/customers/dashboard/")).status_code == 404
        assert (await client.get("/api/customers/export/")).status_code == 404
        assert (await client.put("/api/customers/profile/", json={"first_name": "Ada"})).status_code == 404
        assert (await client.post("/api/customers/addresses/", json=HOME)).status_code == 404


HOME = {"nickname": "Home", "address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}


async def test_the_address_is_free_for_a_new_account_and_later_bookings_are_its_own(service: RunningService) -> None:
    me = await a_person(service)
    await erase(service, me)
    again = await register(service, **PERSON)
    assert again != me.id
    booking = a_booking(customer_id=None, contact=Contact(**PERSON), created_at=BOOKED_AT.replace(year=2099))
    await service.receive(BookingCreated(booking=booking))
    assert set(await hits(service, LAST_NAME)) == {"accounts", "booking_facts", "outbox"}


async def test_news_that_come_late_are_kept_without_the_person(service: RunningService) -> None:
    me = await a_person(service)
    await erase(service, me)
    for customer_id in (me.id, None):
        late = a_booking(customer_id=customer_id, contact=Contact(**PERSON))
        await service.receive(BookingCreated(booking=late))
        await service.receive(BookingUpdated(booking=changed(late)))
    assert await hits(service, LAST_NAME) == {}


@pytest.mark.parametrize("status", ["pending", "confirmed", "paid"])
async def test_the_answer_names_what_is_cancelled_with_the_person(service: RunningService, status: str) -> None:
    me = await a_person(service, status)
    would = await service.commands.execute(ErasePerson(me.id, dry_run=True))
    done = await erase(service, me)
    assert (done.status_code, done.json()["cancelled_bookings"]) == (200, ["TT-20261101-0001"] * 2)
    assert would.cancelled == done.json()["cancelled_bookings"]


@pytest.mark.parametrize("status", ["completed", "cancelled", "expired"])
async def test_what_is_over_is_not_cancelled_again(service: RunningService, status: str) -> None:
    assert (await erase(service, await a_person(service, status))).json()["cancelled_bookings"] == []


async def test_nobody_is_erased_while_the_crew_moves_them(service: RunningService) -> None:
    me = await a_person(service, "in_progress")
    refused = await erase(service, me)
    assert (refused.status_code, refused.json()["error_code"]) == (409, "move_under_way")
    assert refused.json()["booking_numbers"] == ["TT-20261101-0001"] * 2
    assert await service.events(CustomerErased) == []
    assert (await log_in(service, EMAIL)).status_code == 200


async def test_only_the_right_password_erases_and_twice_is_once(service: RunningService) -> None:
    me = await a_person(service)
    assert (await erase(service, me, "not the password")).json()["error_code"] == "invalid_credentials"
    answers = await asyncio.gather(*(erase(service, me) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert len(await service.events(CustomerErased)) == 1


async def test_an_address_that_nobody_confirmed_leads_to_no_guest(service: RunningService) -> None:
    me = a_customer(id=await register(service, **PERSON), **PERSON)
    await service.receive(BookingCreated(booking=a_booking(contact=Contact(**PERSON), status="completed")))
    await erase(service, me)
    [event] = await service.events(CustomerErased)
    assert event.email_sha256 == ""  # type: ignore[attr-defined]
    assert await hits(service, LAST_NAME) == {"booking_facts": 1}


async def test_staff_and_operators_take_nothing_of_a_stranger_either(service: RunningService) -> None:
    strangers = a_booking(contact=Contact(**PERSON), status="completed")
    for erase_somehow in (_by_staff, _by_operator):
        customer_id = await register(service, **PERSON)
        await service.receive(BookingCreated(booking=strangers))
        await erase_somehow(service, customer_id)
        *_, event = await service.events(CustomerErased)
        assert (event.customer_id, event.email_sha256) == (customer_id, "")  # type: ignore[attr-defined]
        assert await hits(service, LAST_NAME) == {"booking_facts": 1}


async def _by_staff(service: RunningService, customer_id: UUID) -> None:
    async with service.as_caller(MANAGER) as client:
        assert (await client.post(f"/api/staff/customers/{customer_id}/erase/")).status_code == 200


async def _by_operator(service: RunningService, customer_id: UUID) -> None:
    await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator"))


async def test_an_operator_may_say_that_an_unconfirmed_address_is_the_persons_own(service: RunningService) -> None:
    await register(service, **PERSON)
    await service.receive(BookingCreated(booking=a_booking(contact=Contact(**PERSON), status="completed")))
    await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator", even_unconfirmed=True))
    assert await hits(service, LAST_NAME) == {}


async def test_an_account_that_comes_back_with_a_backup_is_erased_again(service: RunningService) -> None:
    me = await a_person(service)
    told = {"email_sha256": fingerprint(EMAIL), "requested_by": "customer", "staff_id": None, "erased_at": BOOKED_AT}
    again = RepeatErasure(id=me.id, kind="customer", **told)  # type: ignore[arg-type]
    assert [await service.commands.execute(again) for _ in range(2)] == [True, False]
    for canary in CANARIES:
        assert await hits(service, canary) == {}, canary
    assert len(await service.events(CustomerErased)) == 2
    assert (await log_in(service, EMAIL)).status_code == 400


async def test_staff_erase_on_request_and_see_how_far_it_is(service: RunningService) -> None:
    me = await a_person(service)
    async with service.as_caller(MANAGER) as client:
        path = f"/api/staff/customers/erasures/{me.id}/"
        assert (await client.get(path)).status_code == 404
        assert (await client.post(f"/api/staff/customers/{me.id}/erase/")).status_code == 200
        progress = (await client.get(path)).json()
        assert (progress["kind"], progress["requested_by"]) == ("customer", "staff")
        assert progress["reports"][0]["erased"]["booking_facts"] == 2
        assert "staff_audit" in progress["reports"][0]["kept"]
        for name in SERVICES - {"customers"}:
            report = ErasureReported(report_id=new_id(), customer_id=me.id, service=name, erased={"x": 1})
            for event_id in (new_id(), new_id()):
                await service.receive(report, event_id)
        progress = (await client.get(path)).json()
        assert (progress["complete"], progress["waiting_for"], len(progress["reports"])) == (True, [], len(SERVICES))
        file = (await client.get(f"/api/staff/customers/{me.id}/")).json()
    assert (file["customer_details"]["user"]["email"], file["customer_details"]["user"]["full_name"]) == ("", "")
    assert file["erased_at"] is not None
    assert len(file["booking_history"]) == 1


async def test_an_erased_customer_is_in_no_list_and_cannot_be_changed(service: RunningService) -> None:
    me = await a_person(service)
    await erase(service, me)
    async with service.as_caller(MANAGER) as client:
        assert (await client.get("/api/staff/customers/")).json()["count"] == 0
        change = {"first_name": "Ada", "version": 3}
        assert (await client.put(f"/api/staff/customers/{me.id}/", json=change)).status_code == 404
        assert (await client.put(f"/api/staff/customers/{me.id}/notes/", json={"notes": "x"})).status_code == 404
        assert (await client.post(f"/api/staff/customers/{me.id}/erase/")).status_code == 404


async def test_operators_erase_guests_and_staff_too(service: RunningService, staff_email: str) -> None:
    guest = a_booking(contact=Contact(**PERSON), status="completed")
    await service.receive(BookingCreated(booking=guest))
    erased = await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator"))
    assert (erased.kind, erased.erased) == ("guest", {"booking_facts": 1})
    member = await service.commands.execute(ErasePerson(email=staff_email, requested_by="operator"))
    assert (member.kind, await hits(service, staff_email)) == ("staff", {})
    *_, told = await service.events(StaffUpdated)
    assert (told.staff.email, told.staff.is_active) == ("", False)  # type: ignore[attr-defined]
    with pytest.raises(NobodyToErase):
        await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator"))


async def test_of_administrators_who_are_erased_at_once_one_stays(service: RunningService) -> None:
    emails = ["mia@totetaxi.test", "noa@totetaxi.test"]
    for email in emails:
        await hire(service, email, "admin")
    erasing = [ErasePerson(email=email, requested_by="operator") for email in emails]
    done = await asyncio.gather(*map(service.commands.execute, erasing), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in done) == ["Erasure", "LastAdmin"]


async def test_the_last_admin_stays(service: RunningService, staff_email: str) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(text("UPDATE staff SET role = 'admin'"))
    with pytest.raises(LastAdmin):
        await service.commands.execute(ErasePerson(email=staff_email, requested_by="operator"))


async def test_a_dry_run_tells_the_same_and_changes_nothing(service: RunningService, clock: MovableClock) -> None:
    me = await a_person(service)
    would = await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator", dry_run=True))
    assert await service.events(CustomerErased) == []
    done = await service.commands.execute(ErasePerson(email=EMAIL, requested_by="operator"))
    assert would.erased == {name: count for name, count in done.erased.items() if name != "messages"}
    assert (would.id, would.kind) == (me.id, "customer")
    rows = await service.database.fetch_all(erasure_reports.select())
    assert [row.service for row in rows] == ["customers"]
    assert (await service.database.fetch_one(accounts.select())) is not None


async def test_an_erasure_that_nobody_reported_for_an_hour_is_an_alert(
    service: RunningService, clock: MovableClock
) -> None:
    me = await a_person(service)
    await erase(service, me)
    await service.run_job("watch-erasures")
    assert await service.events(AlertRaised) == []
    clock.now += timedelta(hours=2)
    await service.run_job("watch-erasures")
    (alert,) = await service.events(AlertRaised)
    assert isinstance(alert, AlertRaised)
    assert alert.key == f"erasure-overdue:{me.id}"
    assert "payments" in alert.message
    for _ in range(2):
        reports = [ErasureReported(report_id=new_id(), customer_id=me.id, service=name) for name in SERVICES]
        await asyncio.gather(*map(service.receive, reports))
    await service.run_job("watch-erasures")
    assert len(await service.events(AlertRaised)) == 1
    (cleared,) = await service.events(AlertCleared)
    assert isinstance(cleared, AlertCleared)
    assert cleared.key == alert.key


async def test_an_erasure_that_is_done_in_time_ends_no_alert(service: RunningService) -> None:
    me = await a_person(service)
    await erase(service, me)
    for name in SERVICES:
        await service.receive(ErasureReported(report_id=new_id(), customer_id=me.id, service=name))
    assert await service.events(AlertCleared) == []
