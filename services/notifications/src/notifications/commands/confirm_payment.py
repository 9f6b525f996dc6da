"""A booking was paid: its customer gets the one confirmation, with the receipt, and the office is told."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters import copies
from notifications.adapters.tables import receipts
from notifications.commands.write_message import MessageWriter, WriteMessage

# The row says that the receipt is waited for. The receipt's own event writes the same row, so whichever of the two
# comes second, also at the same moment, sees what the first one wrote.
_source = insert(receipts)
_AWAIT_RECEIPT = _source.on_conflict_do_update(
    index_elements=[receipts.c.payment_id], set_={"booking_id": _source.excluded.booking_id}
).returning(receipts.c.number, receipts.c.storage_key)


@dataclass(frozen=True, slots=True)
class ConfirmPayment:
    """What goes to the customer and what to the office. `payment_id` is null for bookings that cost nothing: they have
    no receipt.
    """

    booking: BookingState
    payment_id: UUID | None
    confirmation: WriteMessage
    office: WriteMessage


class PaymentConfirmer:
    """Holds the confirmation back for a short while, until the receipt is there."""

    def __init__(self, writer: MessageWriter, patience: timedelta) -> None:
        """`patience` is how long the confirmation waits for its receipt."""
        self._writer = writer
        self._patience = patience

    async def __call__(self, command: ConfirmPayment, uow: UnitOfWork) -> None:
        """A confirmation whose receipt comes too late goes without it, and the receipt follows."""
        await copies.keep_booking(uow, command.booking)
        confirmation = command.confirmation
        if command.payment_id is not None:
            facts = {**confirmation.facts, "payment_id": str(command.payment_id)}
            receipt = await self._receipt(command.payment_id, command.booking.id, uow)
            due_at = uow.now if receipt else uow.now + self._patience
            confirmation = replace(confirmation, facts={**facts, "receipt": receipt}, due_at=due_at)
        self._writer.write([confirmation, command.office], uow)

    async def _receipt(self, payment_id: UUID, booking_id: UUID, uow: UnitOfWork) -> dict[str, Any] | None:
        row = await uow.fetch_one(_AWAIT_RECEIPT, {"payment_id": payment_id, "booking_id": booking_id})
        if row is None or not row.storage_key:
            return None
        return {"number": row.number, "storage_key": row.storage_key}
