"""The inbox: which messages a consumer has handled, so that a redelivery changes nothing."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text, tuple_

from shared.db.tables import inbox

if TYPE_CHECKING:
    from shared.db.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(days=30)

_CLAIM = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING")


async def claim_message(uow: "UnitOfWork", consumer: str, event_id: UUID) -> bool:
    """Takes the message for this transaction; false if its effects are already committed.

    A twin that is being handled at the same moment waits here for the other's commit or rollback.
    """
    claimed = {"consumer": consumer, "event_id": event_id}
    return (await uow.execute(_CLAIM, claimed)).rowcount == 1


_FORGET = delete(inbox).where(
    tuple_(inbox.c.consumer, inbox.c.event_id).in_(
        select(inbox.c.consumer, inbox.c.event_id).where(inbox.c.received_at < bindparam("oldest")).limit(1000)
    )
)


async def forget_old_messages(uow: "UnitOfWork") -> int:
    """Deletes rows older than 30 days, a thousand at a time; returns how many went."""
    return (await uow.execute(_FORGET, {"oldest": uow.now - KEPT_FOR})).rowcount
