"""A booking changed: its copy follows, and its customer may have to be told."""

from dataclasses import dataclass

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork

from notifications.adapters import copies
from notifications.commands.write_message import MessageWriter, WriteMessage


@dataclass(frozen=True, slots=True)
class KeepBooking:
    """The booking as it is now, and the message about the change, if it deserves one."""

    booking: BookingState
    message: WriteMessage | None = None


class BookingKeeper:
    """Keeps the copy and writes the message in one transaction."""

    def __init__(self, write: MessageWriter) -> None:
        self._write = write

    async def __call__(self, command: KeepBooking, uow: UnitOfWork) -> None:
        """Events may come late or twice: an old state leaves the copy alone, and a message is written once."""
        await copies.keep_booking(uow, command.booking)
        if command.message is not None:
            await self._write(command.message, uow)
