"""Cancelling once per idempotency key, for customers and for holders of the manage token."""

from typing import Any
from uuid import UUID

from fastapi import Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.http.answers import answer, answered_once
from shared.http.fields import Body, example
from shared.http.idempotency import IdempotencyKey

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

        async def work() -> dict[str, Any]:
            done: Cancellation = await self._commands.execute(CancelBooking(booking_id, actor, reason, key=key))
            return {"updated_booking": booking_document(done.booking), "refund": refund_document(done.refund)}

        return await answered_once(self._database, key, work)
