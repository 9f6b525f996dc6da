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
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script>" not in page
    assert "<script>" not in (await client.get("/")).text


@pytest.mark.parametrize("name", ["missing.eml", "..%2Fsecret.eml", "%2Fetc%2Fpasswd"])
async def test_nothing_but_the_e_mails_is_served(client: AsyncClient, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert (await client.get(f"/messages/{name}")).status_code == 404


def write_sms(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"To: +12125550123\n\n{text}\n")


async def test_an_sms_is_shown_among_the_e_mails_and_by_itself(client: AsyncClient, tmp_path: Path) -> None:
    write_sms(tmp_path, "1.sms", "Tote Taxi: <b>tomorrow</b>")
    listed, shown = (await client.get("/")).text, (await client.get("/messages/1.sms")).text
    for page in (listed, shown):
        assert "Tote Taxi: &lt;b&gt;tomorrow" in page
        assert "+12125550123" in page


async def test_the_list_can_be_narrowed_to_one_recipient(client: AsyncClient, tmp_path: Path) -> None:
    write_mail(tmp_path, "1.eml", "To Ada")
    write_sms(tmp_path, "2.sms", "By SMS")
    page = (await client.get("/", params={"to": "+12125550123"})).text
    assert "By SMS" in page
    assert "To Ada" not in page


@pytest.mark.parametrize(("width", "pixels"), [("phone", 390), ("desktop", 760), ("watch", 760)])
async def test_an_e_mail_is_shown_as_wide_as_a_phone_or_a_desktop(
    client: AsyncClient, tmp_path: Path, width: str, pixels: int
) -> None:
    write_mail(tmp_path, "1.eml", "S")
    assert f"width:{pixels}px" in (await client.get(f"/messages/1.eml?width={width}")).text


async def test_an_attachment_is_shown_as_text_and_saved_as_a_file(client: AsyncClient, tmp_path: Path) -> None:
    write_mail(tmp_path, "1.eml", "S")
    assert "BEGIN:VCALENDAR" in (await client.get("/messages/1.eml")).text
    file = await client.get("/messages/1.eml/attachments/0")
    assert (file.content, file.headers["content-disposition"]) == (
        b"BEGIN:VCALENDAR", "attachment; filename*=UTF-8''move.ics"
    )  # fmt: skip
    assert (await client.get("/messages/1.eml/attachments/1")).status_code == 404


async def test_no_page_may_run_scripts(client: AsyncClient, tmp_path: Path) -> None:
    assert "default-src 'none'" in (await client.get("/")).headers["content-security-policy"]
