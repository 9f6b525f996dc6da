"""The mailbox page."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from devstack.mailbox.app import create_app
from httpx import ASGITransport, AsyncClient


def write_mail(folder: Path, name: str, subject: str, age: int = 0) -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = subject, "ada@example.com", "noreply@totetaxi.test"
    message.set_content(f"Text of {subject}")
    message.add_alternative(f"<b>HTML of {subject}</b><script>alert(1)</script>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="move.ics")
    (folder / name).write_bytes(message.as_bytes())
    os.utime(folder / name, (1_000_000 - age, 1_000_000 - age))


@pytest.fixture
def client(tmp_path: Path) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(create_app(tmp_path)), base_url="http://mailbox")


async def test_an_empty_folder_says_so(client: AsyncClient) -> None:
    assert "No e-mail yet" in (await client.get("/")).text


async def test_the_newest_e_mail_comes_first(client: AsyncClient, tmp_path: Path) -> None:
    write_mail(tmp_path, "1.eml", "Older", age=60)
    write_mail(tmp_path, "0.eml", "Newer")
    page = (await client.get("/")).text
    assert 0 < page.index("Newer") < page.index("Older")


async def test_an_e_mail_shows_text_html_headers_and_attachments(client: AsyncClient, tmp_path: Path) -> None:
    write_mail(tmp_path, "1.eml", "Your move is booked")
    page = (await client.get("/messages/1.eml")).text
    for part in ("Text of Your move", "&lt;b&gt;HTML of Your move", "ada@example.com", "move.ics"):
        assert part in page


async def test_html_of_an_e_mail_runs_in_a_sandbox_without_scripts(client: AsyncClient, tmp_path: Path) -> None:
    write_mail(tmp_path, "1.eml", '<script>alert("subject")</script>')
    page = (await client.get("/messages/1.eml")).text
    assert 'sandbox="allow-popups"' in page
    assert "<script>" not in page
    assert "<script>" not in (await client.get("/")).text


@pytest.mark.parametrize("name", ["missing.eml", "..%2Fsecret.eml", "%2Fetc%2Fpasswd"])
async def test_nothing_but_the_e_mails_is_served(client: AsyncClient, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert (await client.get(f"/messages/{name}")).status_code == 404
