"""A booking was made: beside its fact row, the saved addresses of a customer, or who the guest is."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from shared.contracts.booking_state import AddressToSave, BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import Insert, insert

from customers.adapters.tables import accounts, address_uses, saved_addresses
from customers.commands.keep_booking import KeepBooking, keep_booking
from customers.commands.know_guests import note_guest


@dataclass(frozen=True, slots=True)
class KeepCreatedBooking:
    """The new booking and the addresses of it that the customer wants to keep."""

    booking: BookingState
    addresses_to_save: tuple[AddressToSave, ...]


async def keep_created_booking(command: KeepCreatedBooking, uow: UnitOfWork) -> None:
    """Counts each use of a saved address once per booking; a nickname that is taken keeps its address."""
    booking = command.booking
    await keep_booking(KeepBooking(booking), uow)
    if booking.customer_id is None:
        note_guest(uow, booking.contact.email, booking.created_at)
        return
    saved = [await _save(address, booking, uow) for address in command.addresses_to_save]
    used = [*booking.saved_address_ids, *saved]
    if used:
        uow.send(_use(used, booking))


async def _save(wanted: AddressToSave, booking: BookingState, uow: UnitOfWork) -> UUID:
    """Saves one address, unless its nickname is taken.

    Its id is made from booking and nickname, so that a repeated event saves nothing again, not even what the customer
    has removed since.
    """
    address_id = uuid5(booking.id, wanted.nickname)
    values = {
        "id": address_id,
        "nickname": wanted.nickname,
        "created_at": uow.now,
        "updated_at": uow.now,
        **wanted.address.model_dump(),
    }
    literals = [literal(value, saved_addresses.c[name].type) for name, value in values.items()]
    known_customer = select(accounts.c.id, *literals).where(
        accounts.c.id == booking.customer_id, accounts.c.kind == "customer", accounts.c.erased_at.is_(None)
    )
    save = insert(saved_addresses).from_select(["customer_id", *values], known_customer)
    uow.send(save.on_conflict_do_nothing())
    return address_id


def _use(address_ids: list[UUID], booking: BookingState) -> Insert:
    """One use of each address that is the customer's own."""
    own = select(saved_addresses.c.id, literal(booking.id), literal(booking.created_at)).where(
        saved_addresses.c.id.in_(address_ids), saved_addresses.c.customer_id == booking.customer_id
    )
    use = insert(address_uses).from_select(["address_id", "booking_id", "used_at"], own)
    return use.on_conflict_do_nothing()
