"""A staff account was made, invited or changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.customers import StaffState
from shared.db.unit_of_work import UnitOfWork

from notifications.adapters import copies
from notifications.commands.write_message import MessageWriter, WriteMessage


@dataclass(frozen=True, slots=True)
class KeepStaff:
    """The account as it is now, and the messages that the change deserves."""

    staff: StaffState
    messages: Sequence[WriteMessage] = ()


class StaffKeeper:
    """Keeps the copy and writes the messages in one transaction."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: KeepStaff, uow: UnitOfWork) -> None:
        """An old state leaves the copy alone."""
        await copies.keep_staff(uow, command.staff)
        self._writer.write(command.messages, uow)
