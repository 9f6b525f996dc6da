"""Notifications of SNS: who may send them, and what they do."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from notifications.adapters.copies import sha256_of
from notifications.adapters.sns_notifications import NotGenuine, Notifications, signed_text
from notifications.adapters.tables import deliveries, messages, suppressions
from notifications.commands.claim_messages import ClaimMessages
from notifications.sending.sender import Sender
from notifications.service import SERVICE
from shared.contracts.booking import BookingCreated
from shared.contracts.customers import CustomerUpdated
from shared.contracts.notifications import MessageFailed, Unsubscribed
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running
from sqlalchemy import select

PATH = "/api/notifications/webhooks/ses/"
TOPIC = "arn:aws:sns:us-east-1:123456789012:totetaxi-mail"
CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem"
Make = Callable[..., Any]


def a_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


KEY = a_key()


def certificate_of(key: RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, clock: MovableClock, folder: Path, tmp_path: Path
) -> AsyncIterator[RunningService]:
    file = tmp_path / "sns.pem"
    file.write_bytes(certificate_of(KEY))
    values = {"mailbox_dir": folder, "aws_sns_topic_arns": TOPIC, "sns_certificate_file": str(file)}
    async with running(SERVICE, database_factory, clock=clock, **values) as started:
        yield started


def signed(content: dict[str, Any], key: RSAPrivateKey = KEY, version: str = "2") -> dict[str, Any]:
    algorithm = SHA256() if version == "2" else SHA1()
    signature = key.sign(signed_text(content), PKCS1v15(), algorithm)
    return {**content, "SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


def a_notification(message: Any, **values: Any) -> dict[str, Any]:
    return {
        "Type": "Notification", "MessageId": "n-1", "TopicArn": TOPIC, "Message": json.dumps(message),
        "Timestamp": "2026-06-01T16:00:00.000Z", "SigningCertURL": CERTIFICATE_URL, **values,
    }  # fmt: skip


async def post(service: RunningService, content: Any) -> int:
    async with service.as_caller(Caller()) as client:
        answer = await client.post(PATH, content=json.dumps(content), headers={"Content-Type": "text/plain"})
        return answer.status_code


def a_bounce(message_id: str = "", permanent: bool = True, provider_id: str = "") -> dict[str, Any]:
    recipients = [{"emailAddress": "ada@example.com", "status": "5.1.1"}]
    kind = "Permanent" if permanent else "Transient"
    mail = {"messageId": provider_id, "tags": {"message_id": [message_id]} if message_id else {}}
    return {"eventType": "Bounce", "bounce": {"bounceType": kind, "bouncedRecipients": recipients}, "mail": mail}


@pytest.fixture
async def sent(service: RunningService, sender: Sender, a_booking: Make) -> str:
    """The id of a message that a carrier took under the id `ses-1`."""
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    async with service.database.transaction() as connection:
        await connection.execute(deliveries.update().values(carrier="ses", provider_id="ses-1"))
    return str((await service.database.fetch_all(select(messages)))[0].id)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_bounce_fails_the_message_and_keeps_the_address_from_more(
    service: RunningService, sender: Sender, sent: str, a_booking: Make, version: str
) -> None:
    for _ in range(3):
        assert await post(service, signed(a_notification(a_bounce(provider_id="ses-1")), version=version)) == 200
    (event,) = await service.events(MessageFailed)
    assert str(event.message.id) == sent  # type: ignore[attr-defined]
    (attempt,) = await service.database.fetch_all(select(deliveries))
    assert (attempt.status, attempt.reason) == ("bounced", "It came back: Permanent 5.1.1.")
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    rows = await service.database.fetch_all(select(messages).order_by(messages.c.id))
    assert [(row.status, row.failure_reason) for row in rows] == [
        ("failed", "It came back: Permanent 5.1.1."), ("failed", "The address is on the suppression list.")
    ]  # fmt: skip


async def test_a_full_mailbox_fails_this_message_only(service: RunningService, sent: str) -> None:
    assert await post(service, signed(a_notification(a_bounce(sent, permanent=False)))) == 200
    assert len(await service.events(MessageFailed)) == 1
    assert await service.database.fetch_all(select(suppressions)) == []


async def test_a_report_that_is_faster_than_our_own_note_comes_again(service: RunningService, a_booking: Make) -> None:
    await service.receive(BookingCreated(booking=a_booking()))
    (claimed,) = await service.commands.execute(ClaimMessages())
    assert await post(service, signed(a_notification(a_bounce(str(claimed.id))))) == 503


async def test_delivered_and_complained(service: RunningService, sent: str) -> None:
    delivered = {"eventType": "Delivery", "mail": {"messageId": "ses-1"}}
    complained = {
        "eventType": "Complaint", "mail": {"messageId": "ses-1"},
        "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.com"}]},
    }  # fmt: skip
    seen = []
    for number, told in enumerate((delivered, complained, delivered)):
        assert await post(service, signed(a_notification(told, MessageId=f"n-{number}"))) == 200
        seen += [row.status for row in await service.database.fetch_all(select(deliveries))]
    assert seen == ["delivered", "complained", "complained"]
    (entry,) = await service.database.fetch_all(select(suppressions))
    assert (entry.reason, entry.blocks) == ("complaint", "optional")


async def test_stop_ends_sms_and_start_lets_them_through(service: RunningService, a_customer_state: Make) -> None:
    ada = a_customer_state(sms_notifications=True)
    await service.receive(CustomerUpdated(customer=ada))
    for number, word in enumerate(("STOP", "stop", "hello")):
        told = {"originationNumber": ada.phone, "messageBody": word}
        assert await post(service, signed(a_notification(told, MessageId=f"n-{number}"))) == 200
    (event,) = await service.events(Unsubscribed)
    assert (event.customer_id, event.channel) == (ada.id, "sms")  # type: ignore[attr-defined]
    assert [row.reason for row in await service.database.fetch_all(select(suppressions))] == ["stop"]
    told = {"originationNumber": ada.phone, "messageBody": "START"}
    await post(service, signed(a_notification(told, MessageId="n-9")))
    assert await service.database.fetch_all(select(suppressions)) == []


async def test_start_lifts_only_what_stop_brought(service: RunningService) -> None:
    row = {
        "id": new_id(),
        "channel": "sms",
        "address_sha256": sha256_of("+12125550123"),
        "created_at": datetime.now(UTC),
    }
    async with service.database.transaction() as connection:
        await connection.execute(suppressions.insert(), {**row, "reason": "staff", "blocks": "all"})
    told = {"originationNumber": "+12125550123", "messageBody": "START"}
    assert await post(service, signed(a_notification(told))) == 200
    assert [row.reason for row in await service.database.fetch_all(select(suppressions))] == ["staff"]


def _with(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda content: {**content, **values}


@pytest.mark.parametrize(
    "forge",
    [
        _with(Message=json.dumps(a_bounce(provider_id="other"))),
        _with(Signature="AAAA"),
        _with(Signature="no base64!"),
        _with(SignatureVersion="3"),
        _with(SignatureVersion="1"),
        _with(Type="Other"),
        _with(Type=7),
        lambda content: signed(content, key=a_key()),
        lambda content: signed({**content, "TopicArn": "arn:aws:sns:us-east-1:666:evil"}),
        lambda content: [content],
        lambda content: "x",
    ],
)
async def test_a_forged_notification_is_refused(service: RunningService, sent: str, forge: Any) -> None:
    assert await post(service, forge(signed(a_notification(a_bounce(sent))))) == 400
    assert await service.events(MessageFailed) == []


class NoAmazon:
    """Whoever is asked for anything fails the test."""

    async def certificate(self, url: str) -> bytes:
        raise AssertionError(url)

    async def confirm(self, url: str) -> None:
        raise AssertionError(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
        "https://sns.us-east-1.amazonaws.com:8443/a.pem",
        "https://bucket.s3.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com/a.html",
        "https://169.254.169.254/a.pem",
        "https://[::1/a.pem",
        "",
    ],
)
async def test_only_amazons_own_hosts_are_asked_for_certificates(url: str) -> None:
    body = json.dumps(signed(a_notification({}, SigningCertURL=url))).encode()
    with pytest.raises(NotGenuine):
        await Notifications(NoAmazon(), frozenset({TOPIC})).read(body)


class ListeningAmazon(NoAmazon):
    """Has the certificate, and remembers what it was asked to confirm."""

    def __init__(self) -> None:
        self.confirmed: list[str] = []

    async def certificate(self, url: str) -> bytes:
        return certificate_of(KEY)

    async def confirm(self, url: str) -> None:
        self.confirmed.append(url)


@pytest.mark.parametrize(
    ("url", "confirmed"),
    [
        ("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t", True),
        ("https://evil.example/", False),
    ],
)
async def test_a_subscription_to_our_topic_is_confirmed_at_amazon_only(url: str, confirmed: bool) -> None:
    content = a_notification("Please confirm", Type="SubscriptionConfirmation", Token="t", SubscribeURL=url)
    amazon = ListeningAmazon()
    try:
        await Notifications(amazon, frozenset({TOPIC})).read(json.dumps(signed(content)).encode())
    except NotGenuine:
        assert not confirmed
    assert amazon.confirmed == ([url] if confirmed else [])
