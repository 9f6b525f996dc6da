"""Events of messages to customers and staff."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Contract, Event, Personal


class MessageState(Contract):
    """A message at one version. The recipient's address is not part of it: copies need none. `subject` is never the
    text of an SMS, and holds no link.
    """

    id: UUID
    version: int
    kind: str
    channel: Literal["email", "sms"]
    status: Literal["pending", "sending", "sent", "failed"]
    subject: Personal = ""
    booking_id: UUID | None = None
    customer_id: UUID | None = None
    sent_at: datetime | None = None
    failure_reason: str = ""


class MessageEvent(Event):
    """A fact about one message."""

    aggregate: ClassVar[str] = "message"

    message: MessageState

    @property
    def aggregate_id(self) -> UUID:
        return self.message.id


class MessageSent(MessageEvent):
    """The message was handed over to the mail or SMS provider."""

    type: ClassVar[str] = "message.sent.v1"


class MessageFailed(MessageEvent):
    """The message can't be delivered; staff see it."""

    type: ClassVar[str] = "message.failed.v1"


class Unsubscribed(Event):
    """A recipient wants no more of what is not transactional on this channel."""

    type: ClassVar[str] = "recipient.unsubscribed.v1"
    aggregate: ClassVar[str] = "recipient"

    request_id: UUID
    customer_id: UUID | None = None
    channel: Literal["email", "sms"]

    @property
    def aggregate_id(self) -> UUID:
        return self.request_id
