"""What others tell about customers, messages and disputes is kept, for staff to see."""

from dataclasses import dataclass

from shared.contracts.customers import CustomerState
from shared.contracts.notifications import MessageState
from shared.contracts.payments import DisputeState
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.copies import upsert
from booking.adapters.people_tables import customers, disputes, messages

_CUSTOMER, _DISPUTE = upsert(customers), upsert(disputes)
_MESSAGE = upsert(messages, texts=("subject", "failure_reason"))


@dataclass(frozen=True, slots=True)
class CopyCustomer:
    """Keep this state of a customer."""

    customer: CustomerState


@dataclass(frozen=True, slots=True)
class CopyMessage:
    """Keep this state of a message."""

    message: MessageState


@dataclass(frozen=True, slots=True)
class CopyDispute:
    """Keep this state of a dispute."""

    dispute: DisputeState


async def keep_customer(command: CopyCustomer, uow: UnitOfWork) -> None:
    """Older states than the one that is known change nothing; so an erased customer stays erased."""
    told = command.customer
    uow.send(_CUSTOMER, {f"new_{column.name}": getattr(told, column.name) for column in customers.columns})


async def keep_dispute(command: CopyDispute, uow: UnitOfWork) -> None:
    """Older states than the one that is known change nothing."""
    told = command.dispute
    uow.send(_DISPUTE, {f"new_{column.name}": getattr(told, column.name) for column in disputes.columns})


async def keep_message(command: CopyMessage, uow: UnitOfWork) -> None:
    """Older states than the one that is known change nothing.

    A subject without a booking is shown nowhere, and may name who wrote to the office, whom no erasure could find here.
    """
    told = {**command.message.model_dump(include={column.name for column in messages.columns}), "told_at": uow.now}
    told["subject"] = command.message.subject if command.message.booking_id else ""
    uow.send(_MESSAGE, {f"new_{name}": value for name, value in told.items()})
