"""SMTP against a real mail server of our own."""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from notifications.adapters import smtp
from notifications.adapters.carriers import Mail, NotNow, Undeliverable
from notifications.adapters.smtp import Server, Smtp

ID = UUID("01900000-0000-7000-8000-000000000009")
CONTENT = b"From: hello@totetaxi.com\r\nTo: ada@example.com\r\nSubject: Your move\r\n\r\n.Hello\r\n"


class Inbox:
    """Keeps what arrives; says `answer` to a recipient and to a message."""

    def __init__(self) -> None:
        self.to_recipient = "250 OK"
        self.to_message = "250 OK"
        self.arrived: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.to_message.startswith("250"):
            self.arrived.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.to_message


class MailServer(Controller):
    """Listens on a port that it has from the start, so that nobody else can take it meanwhile."""

    def __init__(self, inbox: Inbox, patience: float, **options: Any) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=port, ready_timeout=patience, **options)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, patience: float) -> Iterator[Server]:
    controller = MailServer(inbox, patience)
    controller.start()
    yield Server("127.0.0.1", controller.port, seconds=patience)
    controller.stop()


def a_mail() -> Mail:
    return Mail(ID, "Tote Taxi <hello@totetaxi.com>", "ada@example.com", CONTENT)


async def test_the_whole_message_arrives_with_its_sender_and_recipient(inbox: Inbox, server: Server) -> None:
    await Smtp(server).send(a_mail())
    assert inbox.arrived == [("hello@totetaxi.com", ["ada@example.com"], CONTENT)]


@pytest.mark.parametrize(
    ("to_recipient", "to_message", "expected", "reason"),
    [
        ("550 No such user", "250 OK", Undeliverable, "answered 550"),
        ("450 Mailbox busy", "250 OK", NotNow, "answered 450"),
        ("250 OK", "554 Spam", Undeliverable, "answered 554"),
        ("250 OK", "451 Try later", NotNow, "answered 451"),
    ],
)
async def test_what_the_server_says_decides_whether_it_is_tried_again(
    inbox: Inbox, server: Server, to_recipient: str, to_message: str, expected: type[Exception], reason: str
) -> None:
    inbox.to_recipient, inbox.to_message = to_recipient, to_message
    with pytest.raises(expected, match=reason):
        await Smtp(server).send(a_mail())
    assert inbox.arrived == []


@pytest.mark.parametrize("step", ["", "EHLO", "HELO", "MAIL", "STARTTLS"])
async def test_what_is_said_of_us_and_not_of_the_message_is_no_reason_to_give_it_up(step: str) -> None:
    """A server that refuses for good at the greeting, or at one of the steps before it hears of the recipient."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n" if step else b"554 Not you\r\n")
        while line := await reader.readline():
            said = line.split()[0].upper().decode()
            refused = said == step or (step == "HELO" and said == "EHLO")
            agreed = b"221 Bye\r\n" if said == "QUIT" else b"250-here\r\n250 STARTTLS\r\n"
            writer.write(b"550 Not you\r\n" if refused else agreed)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        encryption = "starttls" if step == "STARTTLS" else "none"
        address = Server("127.0.0.1", server.sockets[0].getsockname()[1], encryption=encryption)
        with pytest.raises(NotNow):
            await Smtp(address).send(a_mail())


async def test_the_time_is_for_the_whole_conversation() -> None:
    """Each answer alone would come in time."""
    lines: list[bytes] = []

    async def drawl(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            lines.append(line)
            await asyncio.sleep(0.2)
            writer.write(b"250 OK\r\n")
        writer.close()

    async with await asyncio.start_server(drawl, "127.0.0.1", 0) as server:
        with pytest.raises(NotNow):
            await Smtp(Server("127.0.0.1", server.sockets[0].getsockname()[1], seconds=0.5)).send(a_mail())
    assert b"data\r\n" not in lines


class Hours:
    """Time that passes only when a test says so; else as the module `time`."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def monotonic(self) -> float:
        return self.now


async def test_nothing_is_said_any_more_after_the_time_however_fast_the_server_answers(
    monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """We stand still again and again, and find each answer there when we look."""
    hours, lines = Hours(), list[bytes]()
    monkeypatch.setattr(smtp, "time", hours)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            lines.append(line)
            hours.now += patience * 0.4
            writer.write(b"250 OK\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        with pytest.raises(NotNow, match="TimeoutError"):
            await Smtp(Server("127.0.0.1", server.sockets[0].getsockname()[1], seconds=patience)).send(a_mail())
    assert [line.split()[0].lower() for line in lines] == [b"ehlo", b"mail", b"rcpt"]


async def test_a_server_that_is_not_there_is_tried_again(refusing_port: int) -> None:
    with pytest.raises(NotNow, match="can't be reached"):
        await Smtp(Server("127.0.0.1", refusing_port)).send(a_mail())


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(NotNow, match="can't be reached"):
        await Smtp(Server("127.0.0.1", port, seconds=0.2)).send(a_mail())
    silent.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate and its key for this machine, in one file."""
    key, name = generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "localhost.pem"
    file.write_bytes(pem + builder.sign(key, SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def secure_server(inbox: Inbox, certificate: Path, patience: float) -> Iterator[Server]:
    """Takes mail only after STARTTLS and a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"totetaxi", b"secret"), handled=False)

    controller = MailServer(
        inbox, patience, tls_context=context, require_starttls=True, authenticator=check, auth_required=True
    )
    controller.start()
    yield Server("127.0.0.1", controller.port, "totetaxi", "secret", "starttls", patience)
    controller.stop()


async def test_mail_goes_encrypted_and_with_a_login(
    inbox: Inbox, secure_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await Smtp(secure_server).send(a_mail())
    assert len(inbox.arrived) == 1


async def test_a_server_that_nobody_vouches_for_gets_nothing(inbox: Inbox, secure_server: Server) -> None:
    with pytest.raises(NotNow, match="SSLCertVerificationError"):
        await Smtp(secure_server).send(a_mail())
    assert inbox.arrived == []


async def test_a_wrong_password_can_be_mended_in_time(
    inbox: Inbox, secure_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wrong = replace(secure_server, password="wrong")
    with pytest.raises(NotNow, match="refused our login with 535"):
        await Smtp(wrong).send(a_mail())
    assert inbox.arrived == []
