"""The ways out of the house, whoever carries."""

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


@dataclass(frozen=True, slots=True)
class Sms:
    """An SMS ready to go; `recipient` is a phone number in E.164."""

    id: UUID
    recipient: str
    text: str


class Undeliverable(Exception):
    """The message can't be delivered, now or later; the sentence says why, without the address."""


class NotNow(Exception):
    """The message could not be handed over; it may work later, and it may even have worked."""


class EmailCarrier(Protocol):
    """Hands e-mails over. The same id handed over again, after a crash, is the same e-mail."""

    name: str

    async def send(self, mail: Mail) -> str:
        """Hands one e-mail over and gives the carrier's own id of it; raises `Undeliverable` or `NotNow`."""
        ...


class SmsCarrier(Protocol):
    """Hands SMS over."""

    name: str

    async def send(self, sms: Sms) -> str:
        """Hands one SMS over and gives the carrier's own id of it; raises `Undeliverable` or `NotNow`."""
        ...
