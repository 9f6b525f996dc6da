"""One message's way from the database's words to the carrier's hands."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from opentelemetry.trace import SpanKind
from shared.clock import Clock
from shared.telemetry import current_traceparent, meter, tracer

from notifications.adapters.carriers import EmailCarrier, NotNow, Sms, SmsCarrier, Undeliverable
from notifications.commands.claim_messages import ClaimedMessage
from notifications.commands.finish_messages import Delivery, work_of
from notifications.domain.kinds import AT_ANY_HOUR, LINKS, OPTIONAL, TITLES, Kind
from notifications.domain.times import after_quiet_hours, near_day
from notifications.domain.truth import is_receipt_alone, why_not
from notifications.sending.writing import EmailWriter

log = logging.getLogger(__name__)

HAND_OVER_SECONDS = 8.0
"""For writing a message out, which may read a file, and handing it over. Less than a process has for its end, and five
at once make at most 32 s for a batch of 20, well within its lease of 60 s. What a carrier does by itself ends sooner:
who stops waiting for it does not stop it.
"""

_attempts = meter.create_counter("messages.attempts", description="Attempts to send a message, by kind and outcome")


class PostOffice:
    """Writes a message out and hands it over; says what became of it."""

    def __init__(
        self,
        writer: EmailWriter,
        email: EmailCarrier,
        sms: SmsCarrier,
        zone: ZoneInfo,
        clock: Clock,
        seconds: float,
    ) -> None:
        """`seconds` is what each message has."""
        self._seconds = seconds
        self._writer = writer
        self._email = email
        self._sms = sms
        self._zone = zone
        self._clock = clock

    async def deliver(self, message: ClaimedMessage) -> Delivery:
        """Never raises: whatever goes wrong is a reason, for another try or for staff to see."""
        with (
            work_of(message, message.trace_context.get("traceparent", "")),
            tracer.start_as_current_span(f"send {message.kind}", kind=SpanKind.PRODUCER),
        ):
            delivery = self._instead(message) or await self._try(message)
        outcome = ("dropped" if delivery.is_dropped else "failed") if delivery.reason else "sent"
        _attempts.add(1, {"kind": message.kind, "channel": message.channel, "outcome": outcome})
        return delivery

    def _instead(self, message: ClaimedMessage) -> Delivery | None:
        """What becomes of a message that is not to be sent, or not now; null for all others."""
        trace, now = current_traceparent(), self._clock()
        if message.is_unreadable:
            return Delivery(message, reason="The copy of its booking can't be read.", traceparent=trace)
        if message.booking_id is not None and message.booking is None:
            return Delivery(message, reason="The booking is not known here yet.", traceparent=trace)
        if reason := self._why_dropped(message, now):
            return Delivery(message, reason=reason, is_dropped=True, traceparent=trace)
        if message.blocks == "all":
            reason = "The address is on the suppression list."
            return Delivery(message, reason=reason, is_permanent=True, traceparent=trace)
        waits = after_quiet_hours(now, self._zone)
        if message.channel == "sms" and message.kind not in AT_ANY_HOUR and waits > now:
            return Delivery(message, reason="It is night.", not_before=waits, traceparent=trace)
        return None

    def _why_dropped(self, message: ClaimedMessage, now: datetime) -> str:
        if message.useful_until is not None and now >= message.useful_until:
            return "By now it would tell nothing new."
        if message.channel == "email" and not message.recipient:
            return "The recipient was erased."
        if message.channel == "sms" and (message.blocks or not message.wants_sms):
            return "The customer wants no SMS."
        ended = message.blocks == "optional" or (message.channel == "email" and not message.wants_email)
        if message.kind in OPTIONAL and ended:
            return "The recipient wants no such messages."
        return why_not(_now_of(message).kind, message.booking, message.facts)

    async def _try(self, message: ClaimedMessage) -> Delivery:
        trace = current_traceparent()
        carrier = (self._sms if message.channel == "sms" else self._email).name
        try:
            subject, provider_id = await asyncio.wait_for(self._hand_over(message), self._seconds)
        except Undeliverable as error:
            return Delivery(message, reason=str(error), is_permanent=True, carrier=carrier, traceparent=trace)
        except (NotNow, TimeoutError) as error:
            log.warning("message not handed over", extra={"message_id": str(message.id), "error": str(error)})
            reason = str(error) or "There was no answer in time."
            return Delivery(message, reason=reason, carrier=carrier, traceparent=trace)
        except Exception as error:  # a mistake in a template must not stop the other messages
            log.exception("message not rendered", extra={"message_id": str(message.id), "kind": message.kind})
            reason = f"It could not be written: {type(error).__name__}."
            return Delivery(message, reason=reason, carrier=carrier, traceparent=trace)
        log.info("message sent", extra={"message_id": str(message.id), "kind": message.kind})
        return Delivery(message, subject, carrier=carrier, provider_id=provider_id, traceparent=trace)

    async def _hand_over(self, message: ClaimedMessage) -> tuple[str, str]:
        """(what staff see as its subject, the carrier's id of it)."""
        message = self._as_of_now(message)
        if message.channel == "sms":
            text = await self._writer.sms_text(message)
            sms = Sms(message.id, message.recipient, text)
            return TITLES[message.kind], await self._sms.send(sms)
        subject, mail = await self._writer.email(message)
        shown = TITLES[message.kind] if message.kind in LINKS else subject
        return shown, await self._email.send(mail)

    def _as_of_now(self, message: ClaimedMessage) -> ClaimedMessage:
        """A reminder that waited over midnight is about today."""
        message, booking = _now_of(message), message.booking
        if message.kind is not Kind.REMINDER or booking is None:
            return message
        when = near_day(booking.pickup_date, self._clock(), self._zone)
        return replace(message, facts={**message.facts, "when": when})


def _now_of(message: ClaimedMessage) -> ClaimedMessage:
    """What the message is by now: a confirmation may have become a mere receipt."""
    if message.channel == "sms" or not is_receipt_alone(message.kind, message.booking, message.facts):
        return message
    facts = {**message.facts, "amount_cents": message.facts["paid_cents"]}
    return replace(message, kind=Kind.RECEIPT, facts=facts)
