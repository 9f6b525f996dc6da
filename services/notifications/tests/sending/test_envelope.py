from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from uuid import UUID

import pytest
from notifications.adapters.carriers import Undeliverable
from notifications.sending.envelope import Enclosed, Envelope
from notifications.sending.rendering import Rendered

ID = UUID("01900000-0000-7000-8000-000000000007")
WRITTEN = datetime(2026, 6, 1, 16, tzinfo=UTC)
ENVELOPE = Envelope("Tote Taxi <hello@totetaxi.com>")


def packed(rendered: Rendered, recipient: str = "ada@example.com") -> tuple[bytes, EmailMessage]:
    content = ENVELOPE.mail(ID, recipient, WRITTEN, rendered).content
    parsed = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(parsed, EmailMessage)
    return content, parsed


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_standard_library_reads_it_back() -> None:
    _, mail = packed(Rendered("Your move", "Hello\n\nthere\n", "<p>Hello</p>\n"))
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Tote Taxi <hello@totetaxi.com>", "ada@example.com", "Your move"
    )  # fmt: skip
    assert mail["Message-ID"] == f"<{ID}@totetaxi.com>"
    assert mail["Date"].datetime == WRITTEN
    assert (body(mail, "plain").strip(), body(mail, "html").strip()) == ("Hello\n\nthere", "<p>Hello</p>")
    assert mail.defects == []


@pytest.mark.parametrize(
    "text", ["José: 2 × Crib 📦\nnext line\n", "a" * 5000 + "\n", "carriage\r\nreturn\n", ".\n.leading dots\n", "\n"]
)
def test_any_text_arrives_as_it_was(text: str) -> None:
    content, mail = packed(Rendered("S", text, f"<p>{text}</p>\n"))
    assert body(mail, "plain").strip("\n") == text.replace("\r\n", "\n").strip("\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


@pytest.mark.parametrize("subject", ["Ihr Umzug für José 📦", "long " * 300, "plain"])
def test_any_subject_arrives_as_it_was(subject: str) -> None:
    _, mail = packed(Rendered(subject, "t\n", "h\n"))
    assert str(mail["Subject"]).strip() == subject.strip()


def test_the_same_message_makes_the_same_bytes() -> None:
    rendered = Rendered("S", "é\n", "<p>é</p>")
    assert packed(rendered)[0] == packed(rendered)[0]


def test_a_foreign_domain_goes_in_the_form_of_mail_servers() -> None:
    assert packed(Rendered("S", "t", "h"), "ada@bücher.example")[1]["To"] == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ada",
        "ada@",
        "a b@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@a..b",
        "é@x.com",
        "a@b@c.com",
    ],
)
def test_what_is_no_address_can_not_be_sent_to(recipient: str) -> None:
    with pytest.raises(Undeliverable):
        packed(Rendered("S", "t", "h"), recipient)


def test_a_sender_with_a_foreign_name_keeps_its_address() -> None:
    envelope = Envelope("Zoë’s Möbeltaxi <hello@totetaxi.com>")
    packed_mail = envelope.mail(ID, "ada@example.com", WRITTEN, Rendered("S", "t", "h"))
    mail = BytesParser(policy=policy.default).parsebytes(packed_mail.content)
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Zoë’s Möbeltaxi", "hello@totetaxi.com")
    assert packed_mail.sender.isascii()
    assert "<hello@totetaxi.com>" in packed_mail.sender


@pytest.mark.parametrize("address", ["josé@example.com", "📦@example.com"])
def test_a_name_that_mail_servers_do_not_take_is_undeliverable_and_holds_nothing_up_as_who_is_answered(
    address: str,
) -> None:
    with pytest.raises(Undeliverable):
        packed(Rendered("S", "t", "h"), address)
    mail = ENVELOPE.mail(ID, "ada@example.com", WRITTEN, Rendered("S", "t", "h"), Enclosed(reply_to=address))
    assert b"Reply-To" not in mail.content
