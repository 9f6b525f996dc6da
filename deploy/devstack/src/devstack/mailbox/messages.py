"""E-mails in a folder of .eml files."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path


@dataclass(frozen=True)
class Summary:
    """One line of the list; `file` is the name of its .eml file."""

    file: str
    subject: str
    recipient: str
    date: str


@dataclass(frozen=True)
class Mail:
    """A whole e-mail; a part that it does not have is empty."""

    headers: tuple[tuple[str, str], ...]
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]


def list_mails(folder: Path) -> list[Summary]:
    """All e-mails, the newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [summary_of(file) for file in files]


def summary_of(file: Path) -> Summary:
    """What the list says of a file; reads its headers only."""
    with file.open("rb") as content:
        headers = BytesHeaderParser(policy=policy.default).parse(content)
    return Summary(file.name, *(str(headers.get(name, "")) for name in ("Subject", "To", "Date")))


def read_mail(folder: Path, name: str) -> Mail | None:
    """The e-mail in the file `name` of `folder`; None when it has no such file, whatever the name tries."""
    if name not in {file.name for file in folder.glob("*.eml")}:
        return None
    message = BytesParser(policy=policy.default).parsebytes((folder / name).read_bytes())
    attachments = tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments())
    headers = tuple((header, str(value)) for header, value in message.items())
    text, html = part_of(message, "plain"), part_of(message, "html")
    return Mail(headers, str(message["Subject"] or ""), text, html, attachments)


def part_of(message: EmailMessage, kind: str) -> str:
    """The text of a message's plain or html part."""
    body = message.get_body((kind,))
    return str(body.get_content()) if body is not None else ""
