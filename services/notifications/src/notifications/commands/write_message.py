"""Something happened that a customer is told of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.context import correlation_id
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.telemetry import current_traceparent
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.tables import messages
from notifications.domain.kinds import Kind

_WRITE = insert(messages).on_conflict_do_nothing(index_elements=["kind", "cause", "channel"])


@dataclass(frozen=True, slots=True)
class WriteMessage:
    """One e-mail of `kind` for `cause`, which names what happened: however often it is told, one message goes out.

    `facts` is what the template needs beyond the copies of the booking and the customer. `recipient` may be empty when
    only the booking is known: its copy has the address by the time of sending.
    """

    kind: Kind
    cause: str
    booking_id: UUID | None = None
    customer_id: UUID | None = None
    recipient: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class MessageWriter:
    """Writes messages that wait to be sent; `wake` tells the sender of this process, after the commit."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def __call__(self, command: WriteMessage, uow: UnitOfWork) -> None:
        """Writes the message, unless there is one for the same cause already."""
        await uow.execute(
            _WRITE,
            {
                "id": new_id(),
                "version": 1,
                "kind": command.kind.value,
                "cause": command.cause,
                "channel": "email",
                "status": "pending",
                "recipient": command.recipient,
                "booking_id": command.booking_id,
                "customer_id": command.customer_id,
                "facts": dict(command.facts),
                "trace_context": {"traceparent": current_traceparent(), "correlationid": correlation_id.get()},
                "due_at": uow.now,
                "created_at": uow.now,
            },
        )
        uow.after_commit(self._wake)
