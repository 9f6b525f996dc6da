from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from notifications.adapters.tables import messages
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingCreated
from shared.contracts.customers import AuditRecorded, PasswordResetRequested
from shared.http.identity import Caller
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import select

PATH = "/api/staff/notifications/"
SAM = a_staff_member("view_bookings", "manage_bookings")
KEY = "resend-key-0123456789"
Make = Callable[..., Any]


async def ask(service: RunningService, method: str, path: str, caller: Caller = SAM, **headers: str) -> tuple[int, Any]:
    async with service.as_caller(caller, **headers) as client:
        answer = await client.request(method, f"{PATH}{path}")
        return answer.status_code, answer.json()


@pytest.fixture
async def sent(service: RunningService, sender: Sender, a_booking: Make) -> str:
    """The id of a message that was sent."""
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    return str((await service.database.fetch_all(select(messages)))[0].id)


async def test_a_message_shows_each_attempt_to_send_it(service: RunningService, sent: str) -> None:
    status, message = await ask(service, "GET", f"{sent}/")
    (attempt,) = message["deliveries"]
    assert (status, message["status"], message["attempts"]) == (200, "sent", 1)
    assert (attempt["attempt"], attempt["carrier"], attempt["status"]) == (1, "mailbox", "handed_over")


async def test_sending_once_more_makes_a_message_that_is_linked_to_the_first(
    service: RunningService, sender: Sender, sent: str, mails: Callable[[], list[Any]]
) -> None:
    status, again = await ask(service, "POST", f"{sent}/resend/")
    assert (status, again["status"], again["resend_of"]) == (201, "pending", sent)
    await sender.send_batch()
    assert [mail["Subject"] for mail in mails()] == [
        "We have your booking TT-20260601-0042: please pay to secure it"
    ] * 2
    assert (await ask(service, "GET", f"{sent}/"))[1]["sent_again_as"] == [again["id"]]
    (audited,) = await service.events(AuditRecorded)
    assert (audited.staff_id, str(audited.booking_id)) == (SAM.id, again["booking_id"])  # type: ignore[attr-defined]


async def test_the_same_key_sends_once(service: RunningService, sent: str) -> None:
    first = await ask(service, "POST", f"{sent}/resend/", **{"Idempotency-Key": KEY})
    second = await ask(service, "POST", f"{sent}/resend/", **{"Idempotency-Key": KEY})
    assert first[1]["id"] == second[1]["id"]
    assert len(await service.database.fetch_all(select(messages))) == 2
    assert len(await service.events(AuditRecorded)) == 1


async def test_what_waits_is_not_sent_once_more(service: RunningService, a_booking: Make) -> None:
    await service.receive(BookingCreated(booking=a_booking()))
    (row,) = await service.database.fetch_all(select(messages))
    status, answer = await ask(service, "POST", f"{row.id}/resend/")
    assert (status, answer["error_code"]) == (409, "message_waiting")


async def test_a_link_that_expired_is_not_sent_once_more(
    service: RunningService, sender: Sender, clock: MovableClock
) -> None:
    asked = PasswordResetRequested(
        link_id=new_id(), account_id=new_id(), email="ada@example.com", first_name="Ada",
        token_sealed=Sealer(DEVELOPMENT_SEALING_KEY).seal("t"), expires_at=clock.now + timedelta(hours=1),
    )  # fmt: skip
    await service.receive(asked)
    await sender.send_batch()
    (row,) = await service.database.fetch_all(select(messages))
    assert (await ask(service, "POST", f"{row.id}/resend/"))[0] == 201
    clock.now += timedelta(hours=2)
    status, answer = await ask(service, "POST", f"{row.id}/resend/")
    assert (status, answer["error_code"]) == (409, "link_expired")


@pytest.mark.parametrize(
    ("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member("view_bookings"), 403), (SAM, 404)]
)
async def test_only_who_manages_bookings_sends_messages_there_are(
    service: RunningService, caller: Caller, expected: int
) -> None:
    assert (await ask(service, "POST", f"{new_id()}/resend/", caller))[0] == expected
