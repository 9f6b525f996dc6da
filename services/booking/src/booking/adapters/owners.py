"""Whose bookings are whose: found by their owner, given to one, taken from one who is to be forgotten."""

from typing import Any
from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.customers import CustomerErased
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Update, and_, bindparam, func, or_, select, update

from booking.adapters.listings import clear_listing
from booking.adapters.repository import booking_of
from booking.adapters.tables import bookings
from booking.domain.booking import Booking

_PERSONAL = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "item_description",
    "pickup_address",
    "delivery_address",
    "special_instructions",
    "internal_notes",
    "manage_token_sha256",
    "manage_token_sealed",
    "saved_address_ids",
    "status_history",
)
_VERSION = ("version", "updated_at")

_GUESTS = (
    select(bookings)
    .where(bookings.c.customer_id.is_(None), bookings.c.email == bindparam("address"))
    .order_by(bookings.c.id)
    .with_for_update()
)
_HASH = func.encode(func.sha256(func.convert_to(bookings.c.email, "UTF8")), "hex")
_OF_PERSON = (
    select(bookings.c.id)
    .where(
        bookings.c.email != "",
        or_(
            bookings.c.customer_id == bindparam("customer"),
            and_(
                bookings.c.customer_id.is_(None),
                bindparam("email_sha256") == _HASH,
                bookings.c.created_at <= bindparam("erased_at"),
            ),
        ),
    )
    .order_by(bookings.c.id)
)
_CHANGED = update(bookings).where(bookings.c.id == bindparam("wanted"), bookings.c.version == bindparam("known"))
_GIVE = _CHANGED.values({name: bindparam(f"new_{name}") for name in (*_VERSION, "customer_id")})
_BLANK = _CHANGED.values({name: bindparam(f"new_{name}") for name in (*_VERSION, *_PERSONAL)})


async def lock_bookings_of_guest(uow: UnitOfWork, email: str) -> list[Booking]:
    """The bookings that guests made with this address (lower case), locked."""
    return [booking_of(row) for row in await uow.fetch_all(_GUESTS, {"address": email})]


async def bookings_of_person(uow: UnitOfWork, erased: CustomerErased) -> list[UUID]:
    """The bookings of a customer, and those that guests made with their address before, that still name somebody.

    What a guest books with the address afterwards is of somebody who came back.
    """
    told = {"customer": erased.customer_id, "email_sha256": erased.email_sha256, "erased_at": erased.erased_at}
    return [row.id for row in await uow.fetch_all(_OF_PERSON, told)]


async def save_owner(uow: UnitOfWork, booking: Booking, event: Event) -> None:
    """Stores the next version of a locked booking, whose customer has changed."""
    values = {name: getattr(booking, name) for name in (*_VERSION, "customer_id")}
    await _save(uow, _GIVE, booking, values, event)


async def save_blank(uow: UnitOfWork, booking: Booking, event: Event) -> None:
    """Stores the next version of a locked booking, of which the person has been taken out."""
    values = {name: getattr(booking, name) for name in (*_VERSION, *_PERSONAL)}
    await _save(uow, _BLANK, booking, values, event)
    await clear_listing(uow, booking.id, booking.booking_number)


async def _save(uow: UnitOfWork, statement: Update, booking: Booking, values: dict[str, Any], event: Event) -> None:
    new = {f"new_{name}": value for name, value in values.items()}
    result = await uow.execute(statement, {**new, "wanted": booking.id, "known": booking.version - 1})
    assert result.rowcount == 1, "a booking is locked before it is changed"
    uow.record(event, booking.version)
