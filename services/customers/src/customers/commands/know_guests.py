"""Guests booked with the confirmed address of a customer: what they booked becomes the customer's.

What was booked before the address was confirmed came to the customer then; whoever forgets to log in later expects the
booking among the others all the same.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.customers import CustomerVerified
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.repository import customer_state
from customers.adapters.tables import accounts, customers, known_guests
from customers.queries.accounts import CUSTOMER_BY_ID

AT_A_TIME = 50

_WHOSE_ADDRESS = (
    select(accounts.c.id, bindparam("at", type_=known_guests.c.booked_at.type))
    .join(customers, customers.c.id == accounts.c.id)
    .where(accounts.c.email == bindparam("guest_email"), customers.c.email_verified_at.is_not(None))
)
_NOTE = insert(known_guests).from_select(["account_id", "booked_at"], _WHOSE_ADDRESS).on_conflict_do_nothing()
_OLDEST = select(known_guests.c.account_id).order_by(known_guests.c.booked_at).limit(AT_A_TIME)
_TAKE = (
    delete(known_guests)
    .where(known_guests.c.account_id.in_(_OLDEST.with_for_update(skip_locked=True)))
    .returning(known_guests.c.account_id)
)
_RAISE_VERSION = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.erased_at.is_(None))
    .values(version=accounts.c.version + 1)
    .returning(accounts.c.version)
)


@dataclass(frozen=True, slots=True)
class GiveBookingsOfGuests:
    """Once in a while."""


def note_guest(uow: UnitOfWork, email: str, booked_at: datetime) -> None:
    """Notes that a guest booked with this address, if a customer has confirmed it. Costs no round trip."""
    uow.send(_NOTE, {"guest_email": email.lower(), "at": booked_at})


async def give_bookings_of_guests(_: GiveBookingsOfGuests, uow: UnitOfWork) -> None:
    """Tells anew that the addresses are confirmed, by which booking gives the customers what guests booked."""
    for taken in await uow.fetch_all(_TAKE):
        version = await uow.scalar(_RAISE_VERSION, {"account": taken.account_id})
        row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": taken.account_id})
        if version is not None and row is not None:
            uow.record(CustomerVerified(customer=customer_state(row)), version)
