import json
from typing import Any
from uuid import UUID

import pytest
from notifications.domain.feedback import InboundSms, MailReport, read_feedback

ID = UUID("01900000-0000-7000-8000-000000000009")
MAIL = {"messageId": "ses-1", "tags": {"message_id": [str(ID)]}}


def told(**content: Any) -> MailReport | InboundSms | None:
    return read_feedback(json.dumps(content))


@pytest.mark.parametrize("name", ["eventType", "notificationType"])
def test_a_bounce_names_the_address_and_whether_it_is_for_good(name: str) -> None:
    bounce = {
        "bounceType": "Permanent", "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": "Gone@Example.com", "status": "5.1.1"}],
    }  # fmt: skip
    report = told(**{name: "Bounce", "bounce": bounce, "mail": MAIL})
    reason = "It came back: Permanent General 5.1.1."
    assert report == MailReport("bounced", "ses-1", ("gone@example.com",), reason, True, ID)


def test_a_full_mailbox_is_not_for_good() -> None:
    report = told(eventType="Bounce", bounce={"bounceType": "Transient", "bouncedRecipients": []}, mail=MAIL)
    assert isinstance(report, MailReport)
    assert not report.is_permanent


def test_complaints_and_deliveries() -> None:
    complaint = told(
        eventType="Complaint", complaint={"complainedRecipients": [{"emailAddress": "a@example.com"}]}, mail=MAIL
    )
    assert isinstance(complaint, MailReport)
    assert (complaint.outcome, complaint.addresses) == ("complained", ("a@example.com",))
    assert told(eventType="Delivery", mail=MAIL) == MailReport("delivered", "ses-1", (), message_id=ID)


@pytest.mark.parametrize(
    ("text", "stops", "starts"),
    [("STOP", True, False), (" stop. ", True, False), ("Unsubscribe", True, False), ("start", False, True),
     ("Please don't stop by", False, False), ("", False, False)],
)  # fmt: skip
def test_only_the_words_of_carriers_count(text: str, stops: bool, starts: bool) -> None:
    sms = told(originationNumber="+12125550123", destinationNumber="+1", messageBody=text)
    assert isinstance(sms, InboundSms)
    assert (sms.stops, sms.starts) == (stops, starts)


@pytest.mark.parametrize(
    "text", ["", "Successfully validated SNS topic", "[]", "{}", '{"eventType": "Bounce"}', '{"eventType": "Open"}',
             '{"eventType": 7, "mail": []}', '{"eventType":"Bounce","bounce":[],"mail":{"tags":{"message_id":["x"]}}}'],
)  # fmt: skip
def test_whatever_else_comes_is_no_error(text: str) -> None:
    report = read_feedback(text)
    assert report is None or (isinstance(report, MailReport) and report.addresses == ())


@pytest.mark.parametrize("body", ["STOP", " stop. ", "Stop!"])
def test_a_word_of_carriers_counts_where_it_is_all_that_is_written(body: str) -> None:
    sms = told(originationNumber="+12125550123", messageBody=body)
    assert isinstance(sms, InboundSms)
    assert sms.stops


@pytest.mark.parametrize("body", ["Yes, see you", "End of the street, the blue door", "start at nine?", ["STOP"], None])
def test_what_is_written_to_a_person_is_no_order(body: Any) -> None:
    sms = told(originationNumber="+12125550123", messageBody=body)
    assert isinstance(sms, InboundSms)
    assert not sms.stops
    assert not sms.starts


def test_what_nests_too_deeply_tells_nothing() -> None:
    assert read_feedback("[" * 100_000) is None
