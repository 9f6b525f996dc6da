"""A customer registered or changed: the copy follows, and a new one is welcomed."""

from dataclasses import dataclass

from shared.contracts.customers import CustomerState
from shared.db.unit_of_work import UnitOfWork

from notifications.adapters import copies
from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.domain.kinds import Preferences, goes_by_email


@dataclass(frozen=True, slots=True)
class KeepCustomer:
    """The customer as it is now, and the message about the change, if it deserves one."""

    customer: CustomerState
    message: WriteMessage | None = None


class CustomerKeeper:
    """Keeps the copy and writes the message in one transaction."""

    def __init__(self, write: MessageWriter) -> None:
        self._write = write

    async def __call__(self, command: KeepCustomer, uow: UnitOfWork) -> None:
        """The message is written only if the customer wants messages of its kind."""
        customer, message = command.customer, command.message
        await copies.keep_customer(uow, customer)
        preferences = Preferences(customer.email_notifications, customer.sms_notifications)
        if message is not None and goes_by_email(message.kind, preferences):
            await self._write(message, uow)
