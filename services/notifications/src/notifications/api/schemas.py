"""What staff ask and are answered about messages."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from shared.http.fields import Body, Email, Phone, Text, WholeNumber

from notifications.domain.kinds import Kind

Status = Literal["pending", "sending", "sent", "failed", "dropped"]
Channel = Literal["email", "sms"]
Source = Annotated[Text, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=False)]


class MessageAnswer(BaseModel):
    """One message; `failure_reason` is that of the last attempt, also while others follow. The `subject` of an SMS, and
    of a message whose link opens an account, is the title of its kind.
    """

    id: UUID
    kind: str
    channel: Channel
    status: Status
    recipient: str
    subject: str
    booking_id: UUID | None
    customer_id: UUID | None
    attempts: int
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    failure_reason: str
    resend_of: UUID | None


class DeliveryAnswer(BaseModel):
    """One attempt. `unknown`: its process died; the message may have gone out."""

    attempt: int
    carrier: str
    status: Literal["sending", "handed_over", "delivered", "postponed", "refused", "bounced", "complained", "unknown"]
    provider_id: str
    reason: str
    happened_at: datetime | None


class MessageDetail(MessageAnswer):
    """A message with all attempts to send it."""

    deliveries: list[DeliveryAnswer]
    sent_again_as: list[UUID]


class MessagesAnswer(BaseModel):
    """A page of messages, newest first."""

    results: list[MessageAnswer]
    count: int
    next: str | None
    previous: str | None


class SuppressionAnswer(BaseModel):
    """An address that messages are kept back from; empty after its owner's erasure. `blocks`: `all`, or `optional` for
    those that are not about a booking.
    """

    id: UUID
    channel: Channel
    address: str
    reason: Literal["bounce", "complaint", "stop", "unsubscribe", "staff"]
    blocks: Literal["all", "optional"]
    note: str
    created_at: datetime


class SuppressionsAnswer(BaseModel):
    """A page of them, newest first."""

    results: list[SuppressionAnswer]
    count: int
    next: str | None
    previous: str | None


class NewSuppression(Body):
    """An e-mail address or a phone number that nothing shall go to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "gone@example.com", "note": "Called us."}]})

    email: Email | None = None
    phone: Phone | None = None
    note: Annotated[Text, StringConstraints(max_length=300)] = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.email is None) == (self.phone is None):
            raise ValueError("Give either an e-mail address or a phone number.")
        return self


class Suppressed(BaseModel):
    """The new entry."""

    id: UUID


class Lifted(BaseModel):
    """A sentence for the page."""

    message: str


class TemplateAnswer(BaseModel):
    """A kind of message. `transactional` ones always go by e-mail; version 0 is the wording it came with."""

    kind: Kind
    transactional: bool
    channels: list[Channel]
    subject: str
    version: int
    rewritten_parts: list[str]
    changed_by: UUID | None
    changed_at: datetime | None


class TemplatesAnswer(BaseModel):
    """All kinds of messages."""

    templates: list[TemplateAnswer]


class TemplateVersion(BaseModel):
    """One wording; no parts means the one it came with."""

    version: int
    parts: dict[str, str]
    changed_by: UUID
    changed_at: datetime


class TemplateDetail(TemplateAnswer):
    """The sources as they are in use, what they may use, and the versions before."""

    parts: dict[str, str]
    variables: dict[str, list[str]]
    history: list[TemplateVersion]


class Wording(Body):
    """Sources of the parts that are worded anew; those left out are worded as they came. `version` is the one that was
    seen: 409 if somebody was faster.
    """

    model_config = ConfigDict(
        str_strip_whitespace=False,
        json_schema_extra={"examples": [{"subject": "We have your booking {{ booking.number }}", "version": 0}]},
    )

    subject: Source | None = None
    text: Source | None = None
    html: Source | None = None
    sms: Source | None = None
    version: Annotated[WholeNumber, Field(ge=0, le=1_000_000)] | None = None

    def parts(self) -> dict[str, str]:
        """The parts that are given."""
        return {
            name: value for name in ("subject", "text", "html", "sms") if (value := getattr(self, name)) is not None
        }


class PreviewAnswer(BaseModel):
    """A message as a made-up customer would get it; `sms` is null for kinds that go by e-mail only."""

    kind: Kind
    subject: str
    text: str
    html: str
    sms: str | None
