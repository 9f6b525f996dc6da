"""What a message says, and what it carries."""

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from shared.clock import Clock
from shared.errors import Unavailable
from shared.storage import Missing, Storage

from notifications.adapters.carriers import Mail, NotNow, Undeliverable
from notifications.commands.claim_messages import ClaimedMessage
from notifications.domain.kinds import OPTIONAL, Kind
from notifications.sending.calendar import METHODS, Attachment, calendar_of
from notifications.sending.envelope import Enclosed, Envelope
from notifications.sending.rendering import Renderer
from notifications.sending.rewriting import Rewrites
from notifications.sending.unsubscribing import Unsubscribing

log = logging.getLogger(__name__)

RunSheet = Callable[[date], Awaitable[list[dict[str, Any]]]]
"""The stops of a day as they are planned now."""

WAITS_FOR_FILE = timedelta(minutes=10)
"""How long an e-mail waits for a store of files that does not answer, before it goes without its receipt."""


class EmailWriter:
    """Writes messages from their facts and the copies, with receipts and calendar entries enclosed."""

    def __init__(
        self,
        renderer: Renderer,
        rewrites: Rewrites,
        envelope: Envelope,
        storage: Storage,
        run_sheet: RunSheet,
        unsubscribing: Unsubscribing,
        clock: Clock,
    ) -> None:
        self._renderer = renderer
        self._rewrites = rewrites
        self._envelope = envelope
        self._storage = storage
        self._run_sheet = run_sheet
        self._unsubscribing = unsubscribing
        self._clock = clock

    async def sms_text(self, message: ClaimedMessage) -> str:
        """The text of an SMS; raises `Undeliverable` without a number."""
        if not message.recipient.startswith("+"):
            raise Undeliverable("There is no phone number that an SMS can be sent to.")
        await self._rewrites.refresh()
        values = self._renderer.values(message.kind, message.facts, message.booking, message.first_name)
        return self._renderer.render_sms(message.kind, values)

    async def email(self, message: ClaimedMessage) -> tuple[str, Mail]:
        """(subject, e-mail); raises `Undeliverable` and `NotNow`."""
        await self._rewrites.refresh()
        facts = dict(message.facts)
        if message.kind is Kind.RUN_SHEET:
            facts["stops"] = await self._run_sheet(date.fromisoformat(facts["day"]))
        attachments = await self._receipt(message, facts)
        optional = message.kind in OPTIONAL
        page = self._unsubscribing.page(message.id) if optional else ""
        values = self._renderer.values(message.kind, facts, message.booking, message.first_name, page)
        rendered = self._renderer.render(message.kind, values)
        enclosed = Enclosed(
            attachments=[*attachments, *self._calendar(message, values)],
            reply_to=facts["email"] if message.kind is Kind.CONTACT else "",
            unsubscribe=self._unsubscribing.endpoint(message.id) if optional else "",
        )
        mail = self._envelope.mail(message.id, message.recipient, message.created_at, rendered, enclosed)
        return rendered.subject, mail

    async def _receipt(self, message: ClaimedMessage, facts: dict[str, Any]) -> list[Attachment]:
        """The PDF; without it the e-mail says nothing of a receipt."""
        receipt = facts.get("receipt")
        if not receipt:
            return []
        try:
            content = await self._storage.get(receipt["storage_key"])
        except (Missing, Unavailable) as error:
            if self._clock() - message.created_at < WAITS_FOR_FILE or message.kind is Kind.RECEIPT:
                raise NotNow("The receipt can't be read.") from error
            log.warning("message goes without its receipt", extra={"message_id": str(message.id)})
            facts["receipt"] = None
            return []
        return [Attachment(f"{receipt['number']}.pdf", "application/pdf", content)]

    def _calendar(self, message: ClaimedMessage, values: dict[str, Any]) -> list[Attachment]:
        """The entry for moves that are paid and will take place, or its end for those that were in a calendar."""
        method, booking = METHODS.get(message.kind), message.booking
        if method is None or booking is None:
            return []
        if booking.status != "paid" if method == "REQUEST" else booking.paid_at is None:
            return []
        link = values["booking_link"]
        return [calendar_of(method, booking, values["booking"], link, self._envelope.sender, message.created_at)]
