"""One message's way from the database's words to the carrier's hands."""

import asyncio
import logging

from opentelemetry.trace import SpanKind
from shared.telemetry import current_traceparent, meter, tracer

from notifications.adapters.email import EmailBackend, NotNow, Undeliverable
from notifications.commands.claim_messages import ClaimedMessage
from notifications.commands.finish_messages import Delivery, work_of
from notifications.sending.envelope import Envelope
from notifications.sending.rendering import Renderer

log = logging.getLogger(__name__)

HAND_OVER_SECONDS = 11
"""Five at once make at most 44 s for a batch of 20, well within its lease of 60 s."""

_attempts = meter.create_counter("messages.attempts", description="Attempts to send a message, by kind and outcome")


class PostOffice:
    """Renders a message, puts it into its envelope and hands it over; says what became of it."""

    def __init__(self, renderer: Renderer, envelope: Envelope, backend: EmailBackend) -> None:
        self._renderer = renderer
        self._envelope = envelope
        self._backend = backend

    async def deliver(self, message: ClaimedMessage) -> Delivery:
        """Never raises: whatever goes wrong is a reason, for another try or for staff to see."""
        with (
            work_of(message, message.trace_context.get("traceparent", "")),
            tracer.start_as_current_span(f"send {message.kind}", kind=SpanKind.PRODUCER),
        ):
            delivery = await self._try(message)
        outcome = "failed" if delivery.reason else "sent"
        _attempts.add(1, {"kind": message.kind, "outcome": outcome})
        return delivery

    async def _try(self, message: ClaimedMessage) -> Delivery:
        trace = current_traceparent()
        if message.booking_id is not None and message.booking is None:
            return Delivery(message, reason="The booking is not known here yet.", traceparent=trace)
        try:
            subject = await self._hand_over(message)
        except Undeliverable as error:
            return Delivery(message, reason=str(error), is_permanent=True, traceparent=trace)
        except (NotNow, TimeoutError) as error:
            log.warning("message not handed over", extra={"message_id": str(message.id), "error": str(error)})
            return Delivery(message, reason=str(error) or "The carrier did not answer in time.", traceparent=trace)
        except Exception as error:  # a mistake in a template must not stop the other messages
            log.exception("message not rendered", extra={"message_id": str(message.id), "kind": message.kind})
            return Delivery(message, reason=f"It could not be written: {type(error).__name__}.", traceparent=trace)
        log.info("message sent", extra={"message_id": str(message.id), "kind": message.kind})
        return Delivery(message, subject, traceparent=trace)

    async def _hand_over(self, message: ClaimedMessage) -> str:
        rendered = self._renderer.render(message.kind, message.facts, message.booking, message.first_name)
        mail = self._envelope.mail(message.id, message.recipient, message.created_at, rendered)
        await asyncio.wait_for(self._backend.send(mail), HAND_OVER_SECONDS)
        return rendered.subject
