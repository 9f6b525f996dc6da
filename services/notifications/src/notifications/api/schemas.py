"""What staff are answered about messages."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from notifications.domain.kinds import Kind

Status = Literal["pending", "sending", "sent", "failed"]


class MessageAnswer(BaseModel):
    """One message; `failure_reason` is that of the last attempt, also while others follow."""

    id: UUID
    kind: str
    channel: Literal["email", "sms"]
    status: Status
    recipient: str
    subject: str
    booking_id: UUID | None
    customer_id: UUID | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    failure_reason: str


class MessagesAnswer(BaseModel):
    """A page of messages, newest first."""

    results: list[MessageAnswer]
    count: int
    next: str | None
    previous: str | None


class TemplateAnswer(BaseModel):
    """A kind of message. `transactional` ones always go by e-mail."""

    kind: Kind
    transactional: bool
    subject: str


class TemplatesAnswer(BaseModel):
    """All kinds of messages."""

    templates: list[TemplateAnswer]


class PreviewAnswer(BaseModel):
    """A message as a made-up customer would get it."""

    kind: Kind
    subject: str
    text: str
    html: str
