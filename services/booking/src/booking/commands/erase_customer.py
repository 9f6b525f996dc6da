"""A customer is to be forgotten."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.booking import BookingUpdated
from shared.contracts.customers import CustomerErased, ErasureReported
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Table, bindparam, func, select, update

from booking.adapters.copies import upsert
from booking.adapters.owners import bookings_of_person, save_blank
from booking.adapters.people_tables import customers, messages
from booking.adapters.repository import lock_booking
from booking.adapters.sales_tables import discount_redemptions, quotes
from booking.adapters.tables import payments, refund_requests, refunds
from booking.commands.erase_documents import erase_documents
from booking.domain.erasure import KEPT, without_person
from booking.domain.facts import state_of

HIGHEST_VERSION = 2**62
"""No state of the customer that is still on its way comes after this one."""

_TOMBSTONE = upsert(customers)
_KNOWN = select(customers).where(customers.c.id == bindparam("wanted"))
_PAYMENTS = select(payments.c.id).where(payments.c.booking_id == bindparam("booking"))
_TEXTS: tuple[tuple[Table, str], ...] = (
    (refunds, "reason"),
    (refund_requests, "reason"),
    (messages, "subject"),
    (messages, "failure_reason"),
    (quotes, "reason"),
)
_BLANKS = {
    f"{table.name}.{column}": update(table)
    .where(table.c.booking_id == bindparam("of_booking"), table.c[column] != "")
    .values({column: ""})
    for table, column in _TEXTS
}

_REDEEMER = (
    update(discount_redemptions)
    .where(discount_redemptions.c.booking_id == bindparam("of_booking"))
    .values(redeemer=func.concat("erased:", discount_redemptions.c.id))
)
"""A hashed address tells whoever knows the address that it was used."""


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Take this person out of everything."""

    erased: CustomerErased


async def erase_customer(command: EraseCustomer, uow: UnitOfWork) -> None:
    """Blanks bookings, copies, and what messages of the last days say; then tells how much it was."""
    erased = command.erased
    ids: list[UUID] = [erased.customer_id]
    words = await _forget_customer(uow, erased.customer_id)
    counts = {"bookings": 0, "texts": 0, "documents": 0}
    for booking_id in await bookings_of_person(uow, erased.customer_id, erased.email_sha256):
        words += await _forget_booking(uow, booking_id)
        ids += [booking_id, *(row.id for row in await uow.fetch_all(_PAYMENTS, {"booking": booking_id}))]
        counts["bookings"] += 1
        counts["texts"] += await _forget_texts(uow, booking_id)
        counts["documents"] += await erase_documents(uow, [booking_id])
    counts["messages"] = await scrub_messages(uow, ids, words)
    report = ErasureReported(
        report_id=new_id(), customer_id=erased.customer_id, service="booking", erased=counts, kept={"bookings": KEPT}
    )
    uow.record(report, 1)


async def _forget_customer(uow: UnitOfWork, customer_id: UUID) -> list[str]:
    """The customer's addresses, which only their messages can hold; names may be other people's as well."""
    known = await uow.fetch_one(_KNOWN, {"wanted": customer_id})
    blank = {f"new_{name}": "" for name in ("email", "first_name", "last_name", "phone")}
    last = {"new_id": customer_id, "new_version": HIGHEST_VERSION, "new_email_verified": False}
    await uow.execute(_TOMBSTONE, {**blank, **last})
    return [known.email, known.phone] if known else []


async def _forget_booking(uow: UnitOfWork, booking_id: UUID) -> list[str]:
    booking = await lock_booking(uow, booking_id)
    assert booking is not None, "bookings are never deleted"
    blank = without_person(booking, uow.now)
    await save_blank(uow, blank, BookingUpdated(booking=state_of(blank)))
    return [booking.email, booking.phone]


async def _forget_texts(uow: UnitOfWork, booking_id: UUID) -> int:
    return sum(
        [(await uow.execute(one, {"of_booking": booking_id})).rowcount for one in (*_BLANKS.values(), _REDEEMER)]
    )
