"""The inbox: which messages a consumer has handled, so that a redelivery changes nothing."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import bindparam, delete, select, text, tuple_
from sqlalchemy.exc import DBAPIError

from shared.db.tables import inbox

if TYPE_CHECKING:
    from shared.db.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(days=30)

_CLAIM = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id)")


def claim_message(uow: "UnitOfWork", consumer: str, event_id: UUID) -> None:
    """Takes the message for this transaction, which fails if the message's effects are already committed.

    A twin that is being handled at the same moment waits for the other's commit or rollback. The claim goes out with
    the handler's first statement, so that a message which is new, as nearly all are, costs no round trip more.
    """
    uow.send(_CLAIM, {"consumer": consumer, "event_id": event_id})


def is_claimed_before(error: DBAPIError) -> bool:
    """Whether a transaction failed because its message was handled before."""
    return isinstance(error.orig, UniqueViolation) and error.orig.diag.constraint_name == "inbox_pkey"


_FORGET = delete(inbox).where(
    tuple_(inbox.c.consumer, inbox.c.event_id).in_(
        select(inbox.c.consumer, inbox.c.event_id).where(inbox.c.received_at < bindparam("oldest")).limit(1000)
    )
)


async def forget_old_messages(uow: "UnitOfWork") -> int:
    """Deletes rows older than 30 days, a thousand at a time; returns how many went."""
    return (await uow.execute(_FORGET, {"oldest": uow.now - KEPT_FOR})).rowcount
