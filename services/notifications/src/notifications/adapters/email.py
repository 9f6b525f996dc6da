"""The way out for e-mail, whoever carries it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail ready to go: `content` is the whole message as it travels."""

    id: UUID
    sender: str
    recipient: str
    content: bytes


class Undeliverable(Exception):
    """The e-mail can't be delivered, now or later; the sentence says why, without the address."""


class NotNow(Exception):
    """The e-mail could not be handed over; it may work later, and it may even have worked."""


class EmailBackend(Protocol):
    """Hands e-mails over. The same id handed over again, after a crash, is the same e-mail."""

    async def send(self, mail: Mail) -> None:
        """Hands one e-mail over; raises `Undeliverable` or `NotNow`."""
        ...
