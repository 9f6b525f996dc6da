"""A folder as mailbox, for development."""

import os
from pathlib import Path

from notifications.adapters.email import Mail, NotNow


class Mailbox:
    """Writes each e-mail as `<message id>.eml`, so that handing it over twice leaves one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Mail) -> None:
        """Writes the file as a whole or not at all."""
        draft, file = self._folder / f".{mail.id}.part", self._folder / f"{mail.id}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(mail.content)
            os.replace(draft, file)
        except OSError as error:
            raise NotNow(f"The mailbox can't be written: {type(error).__name__}.") from error
