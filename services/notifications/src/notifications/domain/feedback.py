"""What the carriers tell about messages after they took them, and what people answer to an SMS."""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

Outcome = Literal["delivered", "bounced", "complained"]
LONGEST_REASON = 300

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})


@dataclass(frozen=True, slots=True)
class MailReport:
    """What became of an e-mail. `is_permanent`: nothing will ever arrive at `addresses`. `message_id` is ours, where
    the carrier tells it.
    """

    outcome: Outcome
    provider_id: str
    addresses: tuple[str, ...]
    reason: str = ""
    is_permanent: bool = False
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InboundSms:
    """An SMS to us. Of all that people write, only the words of carriers count, where they are all that is written."""

    sender: str
    word: str

    @property
    def stops(self) -> bool:
        """Whether the sender wants no more SMS."""
        return self.word in STOP_WORDS

    @property
    def starts(self) -> bool:
        """Whether the sender wants SMS again."""
        return self.word in START_WORDS


def read_feedback(text: str) -> MailReport | InboundSms | None:
    """What a notification's message tells; null for what is of no interest here, such as a subscription's greeting."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    if "originationNumber" in content and "messageBody" in content:
        return InboundSms(str(content["originationNumber"]), _word(content["messageBody"]))
    return _report(content)


def _word(body: object) -> str:
    """The whole text, without what stands around it: “Yes, see you” is an answer to somebody, and no order."""
    return body.upper().strip(string.whitespace + string.punctuation) if isinstance(body, str) else ""


def _report(content: Mapping[str, Any]) -> MailReport | None:
    kind = str(content.get("eventType") or content.get("notificationType") or "")
    mail, details = _members(content, "mail"), _members(content, kind.lower())
    about: dict[str, Any] = {"provider_id": str(mail.get("messageId", "")), "message_id": _our_id(mail)}
    match kind:
        case "Bounce":
            recipients = _list(details, "bouncedRecipients")
            permanent = details.get("bounceType") == "Permanent"
            return MailReport("bounced", addresses=_addresses(recipients), reason=_why(details, recipients),
                              is_permanent=permanent, **about)  # fmt: skip
        case "Complaint":
            reason = str(details.get("complaintFeedbackType") or "marked as spam")[:LONGEST_REASON]
            recipients = _list(details, "complainedRecipients")
            return MailReport("complained", addresses=_addresses(recipients), reason=reason, **about)
        case "Delivery":
            return MailReport("delivered", addresses=(), **about)
    return None


def _members(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _list(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = content.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _addresses(recipients: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(recipient.get("emailAddress", "")).strip().lower() for recipient in recipients)


def _why(bounce: Mapping[str, Any], recipients: list[Mapping[str, Any]]) -> str:
    kind = f"{bounce.get('bounceType', '')} {bounce.get('bounceSubType', '')}".strip()
    codes = {str(recipient.get("status", "")) for recipient in recipients} - {""}
    return f"It came back: {kind} {' '.join(sorted(codes))}".strip()[:LONGEST_REASON] + "."


def _our_id(mail: Mapping[str, Any]) -> UUID | None:
    tags = _members(mail, "tags").get("message_id")
    try:
        return UUID(str(tags[0])) if isinstance(tags, list) and tags else None
    except (ValueError, RecursionError):
        return None
