"""A folder as mailbox and as phone, for development."""

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from notifications.adapters.carriers import Mail, NotNow, Sms


class Folder:
    """Files of messages, each named by its message's id, so that handing one over twice leaves one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, name: str, content: bytes) -> None:
        """Writes the file as a whole or not at all; raises `NotNow`."""
        draft, file = self._path / f".{name}.part", self._path / name
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            os.replace(draft, file)
        except OSError as error:
            raise NotNow(f"The mailbox can't be written: {type(error).__name__}.") from error

    def forget(self, ids: Iterable[UUID]) -> int:
        """Removes what was written of these messages; returns how many files there were."""
        files = [self._path / f"{id}{ending}" for id in ids for ending in (".eml", ".sms")]
        found = [file for file in files if file.exists()]
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)


class Mailbox:
    """Writes each e-mail as `<message id>.eml`."""

    name = "mailbox"

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def send(self, mail: Mail) -> str:
        """Writes the file."""
        self._folder.write(f"{mail.id}.eml", mail.content)
        return ""


class Phone:
    """Writes each SMS as `<message id>.sms`: the number, an empty line, the text."""

    name = "mailbox"

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def send(self, sms: Sms) -> str:
        """Writes the file."""
        self._folder.write(f"{sms.id}.sms", f"To: {sms.recipient}\n\n{sms.text}\n".encode())
        return ""
