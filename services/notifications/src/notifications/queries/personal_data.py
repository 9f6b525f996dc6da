"""All that notifications holds about a customer, for themselves to read."""

from collections.abc import Mapping
from uuid import UUID

from shared.db.engine import Database
from shared.http.personal_data import Entries
from sqlalchemy import bindparam, select

from notifications.adapters.tables import messages

_MESSAGES = (
    select(
        *(messages.c[name] for name in ("kind", "channel", "status", "recipient", "subject", "created_at", "sent_at"))
    )
    .where(messages.c.customer_id == bindparam("customer"))
    .order_by(messages.c.created_at)
)


async def data_about(database: Database, customer_id: UUID) -> Mapping[str, Entries]:
    """The messages that were written to the customer."""
    rows = await database.fetch_all(_MESSAGES, {"customer": customer_id})
    return {"messages": [dict(row._mapping) for row in rows]}
