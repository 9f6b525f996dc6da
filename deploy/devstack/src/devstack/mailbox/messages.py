"""Messages in a folder: e-mails as .eml files, SMS as .sms files."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

ENDINGS = (".eml", ".sms")


@dataclass(frozen=True)
class Summary:
    """One line of the list; `file` is the name of its file."""

    file: str
    subject: str
    recipient: str
    date: str

    @property
    def is_sms(self) -> bool:
        """Whether it went to a phone."""
        return self.file.endswith(".sms")


@dataclass(frozen=True)
class Attachment:
    """A file in an e-mail."""

    filename: str
    content_type: str
    content: bytes

    @property
    def text(self) -> str:
        """What it holds if that can be read as it is, such as a calendar entry; else empty."""
        return self.content.decode("utf-8", "replace") if self.content_type.startswith("text/") else ""


@dataclass(frozen=True)
class Mail:
    """A whole message; a part that it does not have is empty. An SMS is all text."""

    file: str
    headers: tuple[tuple[str, str], ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def _files(folder: Path) -> list[Path]:
    return [file for ending in ENDINGS for file in folder.glob(f"[!.]*{ending}")]


def list_mails(folder: Path) -> list[Summary]:
    """All messages, the newest first."""
    return [summary_of(file) for file in sorted(_files(folder), key=_written_at, reverse=True)]


def _written_at(file: Path) -> int:
    return file.stat().st_mtime_ns


def summary_of(file: Path) -> Summary:
    """What the list says of a file; reads an e-mail's headers only."""
    if file.suffix == ".sms":
        recipient, text = _read_sms(file)
        sent = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return Summary(file.name, text, recipient, f"{sent:%a, %d %b %Y %H:%M:%S +0000}")
    with file.open("rb") as content:
        headers = BytesHeaderParser(policy=policy.default).parse(content)
    return Summary(file.name, *(str(headers.get(name, "")) for name in ("Subject", "To", "Date")))


def read_mail(folder: Path, name: str) -> Mail | None:
    """The message in the file `name` of `folder`; None when it has no such file, whatever the name tries."""
    if name not in {file.name for file in _files(folder)}:
        return None
    if name.endswith(".sms"):
        recipient, text = _read_sms(folder / name)
        return Mail(name, (("To", recipient),), f"SMS to {recipient}", text, "", ())
    message = BytesParser(policy=policy.default).parsebytes((folder / name).read_bytes())
    headers = tuple((header, str(value)) for header, value in message.items())
    text, html = part_of(message, "plain"), part_of(message, "html")
    attachments = tuple(_attachment(part) for part in message.iter_attachments())
    return Mail(name, headers, str(message["Subject"] or ""), text, html, attachments)


def _read_sms(file: Path) -> tuple[str, str]:
    """(phone number, text)."""
    header, _, text = file.read_text().partition("\n\n")
    return header.removeprefix("To: "), text.strip()


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    kind = part.get_content_type()
    return Attachment(part.get_filename() or kind, kind, content if isinstance(content, bytes) else b"")


def part_of(message: EmailMessage, kind: str) -> str:
    """The text of a message's plain or html part."""
    body = message.get_body((kind,))
    return str(body.get_content()) if body is not None else ""
