"""All that payments holds about a customer beside payments and refunds, for themselves to read."""

from collections.abc import Mapping
from uuid import UUID

from shared.db.engine import Database
from shared.http.personal_data import Entries
from sqlalchemy import bindparam, select

from payments.adapters.card_tables import saved_cards
from payments.adapters.receipt_tables import receipts
from payments.adapters.tables import billable_bookings

_CARDS = (
    select(
        *(saved_cards.c[name] for name in ("brand", "last_four", "exp_month", "exp_year", "is_default", "created_at"))
    )
    .where(saved_cards.c.customer_id == bindparam("customer"), saved_cards.c.removed_at.is_(None))
    .order_by(saved_cards.c.created_at)
)
_RECEIPTS = (
    select(*(receipts.c[name] for name in ("number", "kind", "booking_number", "amount_cents", "content", "issued_at")))
    .join(billable_bookings, billable_bookings.c.id == receipts.c.booking_id)
    .where(billable_bookings.c.customer_id == bindparam("customer"))
    .order_by(receipts.c.issued_at)
)


async def data_about(database: Database, customer_id: UUID) -> Mapping[str, Entries]:
    """Saved cards, as far as they are known here, and receipts, invoices and credit notes with what they say."""
    found = {"saved_cards": _CARDS, "receipts": _RECEIPTS}
    who = {"customer": customer_id}
    return {name: [dict(row._mapping) for row in await database.fetch_all(one, who)] for name, one in found.items()}
