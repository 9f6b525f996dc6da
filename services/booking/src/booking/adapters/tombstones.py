"""Which customers were erased. Who gives one a booking, and who erases one, wait for each other."""

from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, select, text

from booking.adapters.copies import upsert
from booking.adapters.people_tables import customers

HIGHEST_VERSION = 2**62
"""No state of the customer that is still on its way comes after this one."""

_SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:customer, 0))")
_OWN = text("SELECT pg_advisory_xact_lock(hashtextextended(:customer, 0))")
_TOMBSTONE = upsert(customers)
_KNOWN = select(customers).where(customers.c.id == bindparam("wanted"))


async def is_erased(uow: UnitOfWork, customer_id: UUID) -> bool:
    """Whether the customer was erased; if not, nobody erases them before this transaction ends."""
    uow.send(_SHARE, {"customer": f"customer:{customer_id}"})
    known = await uow.fetch_one(_KNOWN, {"wanted": customer_id})
    return known is not None and known.version == HIGHEST_VERSION


async def bury(uow: UnitOfWork, customer_id: UUID) -> list[str]:
    """Leaves an empty row of the customer; returns their addresses, which only their messages can hold.

    Names are not among them: they may be other people's as well.
    """
    await uow.execute(_OWN, {"customer": f"customer:{customer_id}"})
    known = await uow.fetch_one(_KNOWN, {"wanted": customer_id})
    blank = {f"new_{name}": "" for name in ("email", "first_name", "last_name", "phone")}
    last = {"new_id": customer_id, "new_version": HIGHEST_VERSION, "new_email_verified": False}
    await uow.execute(_TOMBSTONE, {**blank, **last})
    return [known.email, known.phone] if known else []
