"""A booking changed: its copy follows, and people may have to be told."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork

from notifications.adapters import copies
from notifications.commands.write_message import MessageWriter, WriteMessage


@dataclass(frozen=True, slots=True)
class KeepBooking:
    """The booking as it is now, and the messages that the change deserves."""

    booking: BookingState
    messages: Sequence[WriteMessage] = ()


class BookingKeeper:
    """Keeps the copy and writes the messages in one transaction."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: KeepBooking, uow: UnitOfWork) -> None:
        """Events may come late or twice: an old state leaves the copy alone, and a message is written once."""
        await copies.keep_booking(uow, command.booking)
        self._writer.write(command.messages, uow)
