"""A customer registered or changed: the copy follows, and a new one is welcomed."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.customers import CustomerState
from shared.db.unit_of_work import UnitOfWork

from notifications.adapters import copies
from notifications.commands.write_message import MessageWriter, WriteMessage


@dataclass(frozen=True, slots=True)
class KeepCustomer:
    """The customer as it is now, and the messages that the change deserves."""

    customer: CustomerState
    messages: Sequence[WriteMessage] = ()


class CustomerKeeper:
    """Keeps the copy and writes the messages in one transaction."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: KeepCustomer, uow: UnitOfWork) -> None:
        """A customer who is forgotten gets neither copy nor message, however late the event comes."""
        if await copies.keep_customer(uow, command.customer):
            self._writer.write(command.messages, uow)
