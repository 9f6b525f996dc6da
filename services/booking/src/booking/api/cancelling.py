"""Cancelling once per idempotency key, for customers and for holders of the manage token."""

from uuid import UUID

from fastapi import Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.http.fields import Body, example
from shared.http.idempotency import IdempotencyKey, complete, once

from booking.api.answers import answer, stored_answer
from booking.api.fields import Reason, Token
from booking.api.presenting import booking_document, refund_document
from booking.commands.cancel_booking import CancelBooking, Cancellation
from booking.domain.booking import Actor


class CancelBody(Body, json_schema_extra=example({"reason": "We move a month later."})):
    """Why a customer cancels."""

    reason: Reason = ""


class HolderCancelBody(CancelBody):
    """Why the holder of the manage token cancels; the token may be here or in the address."""

    manage_token: Token | None = None


class Cancelling:
    """The cancellation of a booking by whoever booked it."""

    def __init__(self, commands: Commands, database: Database) -> None:
        self._commands = commands
        self._database = database

    async def preview(self, booking_id: UUID, actor: Actor) -> Response:
        """What a cancellation would give back at this moment."""
        would_be: Cancellation = await self._commands.execute(CancelBooking(booking_id, actor, preview=True))
        return answer({"preview": True, "refund": refund_document(would_be.refund)})

    async def cancel(self, booking_id: UUID, actor: Actor, reason: str, key: IdempotencyKey | None) -> Response:
        """The cancelled booking and its refund; the first answer again for a key used before."""
        command = CancelBooking(booking_id, actor, reason, key=key)
        done, before = await once(self._database, key, lambda: self._commands.execute(command))
        if before is not None:
            return stored_answer(before.status, before.body)
        body = {"updated_booking": booking_document(done.booking), "refund": refund_document(done.refund)}
        await complete(self._database, key, 200, body)
        return answer(body)
