from collections.abc import Iterator
from typing import Any
from uuid import UUID

import boto3
import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from moto.server import ThreadedMotoServer
from notifications.adapters import aws as adapter
from notifications.adapters.aws import Ses, Sns
from notifications.adapters.carriers import Mail, NotNow, Sms, Undeliverable

ID = UUID("01900000-0000-7000-8000-000000000009")
CONTENT = b"From: hello@totetaxi.com\r\nTo: ada@example.com\r\nSubject: Your move\r\n\r\nHello\r\n"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """Also time for the stand-in of AWS, which loads each of its services when it is first asked for."""
    monkeypatch.setattr(adapter, "CONNECT_SECONDS", patience)
    monkeypatch.setattr(adapter, "READ_SECONDS", patience)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def a_mail(sender: str = "Tote Taxi <hello@totetaxi.com>") -> Mail:
    return Mail(ID, sender, "ada@example.com", CONTENT)


def verify_sender(aws: str) -> None:
    client: Any = boto3.client("sesv2", region_name="us-east-1", endpoint_url=aws)
    client.create_email_identity(EmailIdentity="hello@totetaxi.com")


async def test_the_whole_message_reaches_ses(aws: str, patience: float) -> None:
    verify_sender(aws)
    provider_id = await Ses("us-east-1", aws).send(a_mail())
    assert provider_id
    async with httpx.AsyncClient(base_url=aws, timeout=patience) as client:
        (sent,) = (await client.get("/moto-api/data.json")).json()["ses"]["RawMessage"]
    assert set(sent["destinations"]) == {"ada@example.com"}
    assert "Subject: Your move" in sent["raw_data"]


async def test_a_sender_that_is_not_verified_can_be_mended_in_time(aws: str) -> None:
    with pytest.raises(NotNow, match="MessageRejected"):
        await Ses("us-east-1", aws).send(a_mail(sender="nobody@nowhere.test"))


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("MessageRejected", "Address blacklisted.", Undeliverable),
        ("MessageRejected", "Sending paused for this account.", NotNow),
        ("MessageRejected", "Email address is not verified: hello@totetaxi.com", NotNow),
        ("AccountSuspendedException", "Suspended.", NotNow),
        ("BadRequestException", "Missing final '@domain'", Undeliverable),
    ],
)
async def test_only_what_is_said_of_the_message_itself_is_final(
    code: str, words: str, expected: type[Exception]
) -> None:
    async def refuse(request: web.BaseRequest) -> web.Response:
        return web.json_response({"message": words}, status=400, headers={"x-amzn-ErrorType": code})

    async with RawTestServer(refuse) as server:
        with pytest.raises(expected, match=code):
            await Ses("us-east-1", str(server.make_url("/"))).send(a_mail())


async def test_an_unreachable_ses_is_tried_again_later(refusing_port: int) -> None:
    with pytest.raises(NotNow, match="can't be reached"):
        await Ses("us-east-1", f"http://127.0.0.1:{refusing_port}").send(a_mail())


async def test_missing_credentials_can_be_mended_in_time(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    with pytest.raises(NotNow):
        await Ses("us-east-1", aws).send(a_mail())


async def test_an_sms_reaches_sns_as_transactional(aws: str, patience: float) -> None:
    provider_id = await Sns("us-east-1", aws, "ToteTaxi").send(Sms(ID, "+12125550123", "Tote Taxi: tomorrow"))
    async with httpx.AsyncClient(base_url=aws, timeout=patience) as client:
        backends = (await client.get("/moto-api/data.json")).json()
    assert provider_id
    assert "sns" in backends


async def test_a_number_that_is_none_is_undeliverable(aws: str) -> None:
    with pytest.raises(Undeliverable, match="InvalidParameter"):
        await Sns("us-east-1", aws).send(Sms(ID, "no number", "Tote Taxi: tomorrow"))


async def test_an_unreachable_sns_is_tried_again_later(refusing_port: int) -> None:
    with pytest.raises(NotNow, match="can't be reached"):
        await Sns("us-east-1", f"http://127.0.0.1:{refusing_port}").send(Sms(ID, "+12125550123", "t"))
