from pathlib import Path
from uuid import UUID

import pytest
from notifications.adapters.carriers import Mail, NotNow
from notifications.adapters.mailbox import Folder, Mailbox

MAIL = Mail(UUID("01900000-0000-7000-8000-000000000009"), "hello@totetaxi.com", "ada@example.com", b"Subject: S\r\n")


async def test_an_email_handed_over_twice_is_one_file(tmp_path: Path) -> None:
    mailbox = Mailbox(Folder(tmp_path / "made" / "when needed"))
    await mailbox.send(MAIL)
    await mailbox.send(MAIL)
    (file,) = (tmp_path / "made" / "when needed").iterdir()
    assert (file.name, file.read_bytes()) == (f"{MAIL.id}.eml", MAIL.content)


async def test_a_mailbox_that_can_not_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotNow):
        await Mailbox(Folder(tmp_path / "file")).send(MAIL)
