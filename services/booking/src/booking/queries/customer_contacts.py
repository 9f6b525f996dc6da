"""Who a customer is, as far as a booking for them needs it."""

from uuid import UUID

from shared.contracts.booking_state import Contact
from shared.db.engine import Database
from sqlalchemy import bindparam, select

from booking.adapters.people_tables import customers

_CONTACT = select(customers.c.first_name, customers.c.last_name, customers.c.email, customers.c.phone).where(
    customers.c.id == bindparam("wanted"), customers.c.email != ""
)


async def contact_of(database: Database, customer_id: UUID) -> Contact | None:
    """The customer's names and addresses; nothing for unknown and for erased ones."""
    row = await database.fetch_one(_CONTACT, {"wanted": customer_id})
    return Contact(**row._mapping) if row else None
