"""Certificates as they really come: over HTTP, in pieces, sometimes wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import RawTestServer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from notifications.adapters import sns_notifications
from notifications.adapters.sns_notifications import LARGEST_ANSWER, MOST_CERTIFICATES, RealAmazon
from shared.errors import Unavailable


def a_certificate() -> bytes:
    key, name = generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


PEM = a_certificate()


class Host:
    """Gives `answer` in two pieces that come one after the other; counts who asks for what."""

    def __init__(self) -> None:
        self.answer, self.status = PEM, 200
        self.asked: Counter[str] = Counter()
        self.url = ""

    async def give(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked[request.path] += 1
        answer = web.StreamResponse(status=self.status)
        await answer.prepare(request)
        middle = len(self.answer) // 2
        await answer.write(self.answer[:middle])
        await asyncio.sleep(0.05)
        await answer.write(self.answer[middle:])
        return answer


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch, patience: float) -> AsyncIterator[Host]:
    monkeypatch.setattr(sns_notifications, "_SECONDS", ClientTimeout(total=patience))
    host = Host()
    async with RawTestServer(host.give) as server:
        host.url = str(server.make_url("/"))
        yield host


async def test_a_certificate_that_comes_in_pieces_is_whole_and_asked_for_once(host: Host) -> None:
    amazon = RealAmazon()
    assert [await amazon.certificate(f"{host.url}a.pem") for _ in range(2)] == [PEM, PEM]
    assert host.asked == {"/a.pem": 1}


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"<html>busy</html>", 200), (PEM[:300], 200), (b"", 200), (PEM, 503), (b"x" * (LARGEST_ANSWER + 1), 200)],
)
async def test_what_is_no_certificate_is_not_kept(host: Host, answer: bytes, status: int) -> None:
    amazon = RealAmazon()
    host.answer, host.status = answer, status
    with pytest.raises(Unavailable):
        await amazon.certificate(f"{host.url}a.pem")
    host.answer, host.status = PEM, 200
    assert await amazon.certificate(f"{host.url}a.pem") == PEM


async def test_the_last_few_are_kept(host: Host) -> None:
    amazon = RealAmazon()
    for _ in range(2):
        for number in range(MOST_CERTIFICATES):
            await amazon.certificate(f"{host.url}{number}.pem")
    assert set(host.asked.values()) == {1}
    for path in ("new.pem", "0.pem"):
        await amazon.certificate(f"{host.url}{path}")
    assert host.asked["/0.pem"] == 2
