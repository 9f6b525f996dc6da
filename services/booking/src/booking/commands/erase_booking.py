"""The person is taken out of a booking: at once, or when it is over if the crew was carrying it out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from shared.commands import Commands
from shared.contracts.booking import AlertCleared, BookingUpdated
from shared.contracts.catalog import ServiceZone
from shared.db.engine import Database
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.owners import save_blank
from booking.adapters.people_tables import erasures_owed, messages
from booking.adapters.repository import lock_booking
from booking.adapters.sales_tables import discount_redemptions, quotes
from booking.adapters.tables import bookings, catalog_versions, payments, refund_requests, refunds
from booking.commands.alerts import raise_alert
from booking.commands.erase_documents import erase_documents
from booking.domain.booking import TRANSITIONS, Booking
from booking.domain.erasure import without_person
from booking.domain.facts import state_of
from booking.domain.quote_records import without_zip_codes

BATCH = 20

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
    .values(redeemer=func.concat("erased:", discount_redemptions.c.id), email_sha256=None)
)
"""A hashed address tells whoever knows the address that it was used."""

_MOVES = (
    select(quotes.c.id, quotes.c.move, catalog_versions.c.snapshot["service_zones"].label("zones"))
    .select_from(quotes.outerjoin(catalog_versions, catalog_versions.c.version == quotes.c.catalog_version))
    .where(quotes.c.booking_id == bindparam("booking"))
)
_KEEP_MOVE = update(quotes).where(quotes.c.id == bindparam("of_quote")).values(move=bindparam("move"))
_OWE = insert(erasures_owed).on_conflict_do_nothing()
_PAID_BACK = delete(erasures_owed).where(erasures_owed.c.booking_id == bindparam("booking"))
_OVER = [status for status, following in TRANSITIONS.items() if not following]
_DUE = (
    select(erasures_owed.c.booking_id)
    .join(bookings, bookings.c.id == erasures_owed.c.booking_id)
    .where(bookings.c.status.in_(_OVER))
    .order_by(erasures_owed.c.owed_since)
    .limit(BATCH)
)


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What a person left in a booking: ids and words by which messages tell about them, and how much was blanked."""

    ids: list[UUID]
    words: list[str]
    texts: int
    documents: int


@dataclass(frozen=True, slots=True)
class EraseOwed:
    """Take the erased person out of this booking, which was under way at the time and is over now."""

    booking_id: UUID


async def take_person_out(uow: UnitOfWork, booking: Booking) -> TakenOut:
    """Blanks a locked booking, its files and what was written about it. Messages are left to the caller."""
    blank = without_person(booking, uow.now)
    await save_blank(uow, blank, BookingUpdated(booking=state_of(blank)))
    paid = [row.id for row in await uow.fetch_all(_PAYMENTS, {"booking": booking.id})]
    texts = await _forget_texts(uow, booking.id) + await _forget_places(uow, booking.id)
    documents = await erase_documents(uow, [booking.id])
    return TakenOut([booking.id, *paid], [booking.email, booking.phone], texts, documents)


async def owe_erasure(uow: UnitOfWork, booking: Booking, customer_id: UUID) -> None:
    """Remembers a locked booking that is under way, and tells staff, who have nobody to ask any more."""
    await uow.execute(_OWE, {"booking_id": booking.id, "customer_id": customer_id, "owed_since": uow.now})
    sentence = (
        f"{booking.booking_number} is under way, but whoever booked it was erased everywhere else. Carry it out; the"
        " person is taken out of it once it is over."
    )
    raise_alert(uow, _alert_key(booking.id), sentence, booking.id)


async def erase_owed(command: EraseOwed, uow: UnitOfWork) -> None:
    """Does nothing the second time."""
    booking = await lock_booking(uow, command.booking_id)
    owed = await uow.execute(_PAID_BACK, {"booking": command.booking_id})
    if booking is None or not owed.rowcount:
        return
    taken = await take_person_out(uow, booking)
    await scrub_messages(uow, taken.ids, taken.words)
    uow.record(AlertCleared(alert_id=new_id(), key=_alert_key(booking.id)), 1)


def pay_owed_erasures(database: Database, commands: Commands) -> Callable[[], Awaitable[int]]:
    """The job: every booking that is over by now, each in a transaction of its own. Returns how many."""

    async def run() -> int:
        due = [row.booking_id for row in await database.fetch_all(_DUE, {})]
        for booking_id in due:
            await commands.execute(EraseOwed(booking_id))
        return len(due)

    return run


def _alert_key(booking_id: UUID) -> str:
    return f"erased-under-way:{booking_id}"


async def _forget_texts(uow: UnitOfWork, booking_id: UUID) -> int:
    return sum(
        [(await uow.execute(one, {"of_booking": booking_id})).rowcount for one in (*_BLANKS.values(), _REDEEMER)]
    )


async def _forget_places(uow: UnitOfWork, booking_id: UUID) -> int:
    """Takes ZIP codes out of kept prices, which can still be computed again by the zones that stay."""
    changed = 0
    for row in await uow.fetch_all(_MOVES, {"booking": booking_id}):
        zones = [ServiceZone.model_validate(zone) for zone in row.zones or ()]
        move = without_zip_codes(row.move, zones)
        if move != row.move:
            await uow.execute(_KEEP_MOVE, {"of_quote": row.id, "move": move})
            changed += 1
    return changed
