"""The mailbox of the people in the story."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from shared.testing.waiting import NeverHappened, wait_until

from devstack.demo.broken import PromiseBroken


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that arrived, as its recipient sees it in a list."""

    recipient: str
    subject: str


class Mailbox:
    """The folder that e-mails are written to; `patience` is in seconds."""

    def __init__(self, folder: str, patience: float = 20.0) -> None:
        self._folder = Path(folder)
        self._patience = patience

    def of(self, recipient: str) -> list[Mail]:
        """All messages to one address, oldest first."""
        return [mail for mail in self._mails() if mail.recipient == recipient]

    def await_subject(self, recipient: str, *words: str) -> Mail:
        """The one message to `recipient` with all `words` in its subject. Raises PromiseBroken if none or two come."""

        def found() -> list[Mail]:
            return [mail for mail in self.of(recipient) if all(word in mail.subject for word in words)]

        what = f"an e-mail to {recipient} about “{' … '.join(words)}”"
        try:
            mails = wait_until(found, self._patience, what)
        except NeverHappened as reason:
            raise PromiseBroken(str(reason)) from None
        if len(mails) > 1:
            raise PromiseBroken(f"There is more than one {what.removeprefix('an ')}.")
        return mails[0]

    def _mails(self) -> Iterator[Mail]:
        # Ids of messages grow with time, and so do the names of their files.
        for file in sorted(self._folder.glob("*.eml")):
            message: EmailMessage = message_from_bytes(file.read_bytes(), policy=policy.default)
            yield Mail(str(message["To"]).strip(), str(message["Subject"]))
