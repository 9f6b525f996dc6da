"""The listing of each booking is written with the booking, and again when its payment changes."""

from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Text, and_, bindparam, cast, func, not_, or_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.dml import Update

from booking.adapters.listing_tables import listings
from booking.adapters.tables import payments
from booking.domain.booking import Booking
from booking.domain.search_words import words_of

_TOLD = ("id", "booking_id", "status", "captured_cents", "created_at")
_WORDS = func.array_to_tsvector(cast(bindparam("search_words"), ARRAY(Text)))
_ADD = insert(listings).values(
    booking_id=bindparam("of_booking"), words=_WORDS, payment_status=bindparam("first_status")
)
_SPELL = update(listings).where(listings.c.booking_id == bindparam("of_booking")).values(words=_WORDS)


async def add_listing(uow: UnitOfWork, booking: Booking) -> None:
    """Lists a new booking."""
    first = "pending" if booking.total_price_cents else "not_required"
    uow.send(_ADD, {"of_booking": booking.id, "search_words": _words(booking), "first_status": first})


async def clear_listing(uow: UnitOfWork, booking_id: UUID, booking_number: str) -> None:
    """Leaves nothing to find a booking by but its number."""
    words = words_of(booking_number, "", "", "", "")
    await uow.execute(_SPELL, {"of_booking": booking_id, "search_words": words})


def with_listing(copying: Any) -> Update:
    """`copying`, which upserts the copy of a payment, together with what the listing of its booking says of it.

    What has captured money stays, whatever follows it; before that the newest try counts. One statement, so that two
    payments of one booking can not overtake each other: the second waits for the row and looks at it again.
    """
    payment = copying.returning(*(payments.c[name] for name in _TOLD)).cte("copied")
    is_newer = or_(payment.c.captured_cents > 0, payment.c.created_at >= listings.c.payment_created_at)
    counts = or_(
        listings.c.payment_id.is_(None),
        listings.c.payment_id == payment.c.id,
        and_(not_(listings.c.payment_captured), is_newer),
    )
    return (
        update(listings)
        .where(listings.c.booking_id == payment.c.booking_id, counts)
        .values(
            payment_id=payment.c.id,
            payment_status=payment.c.status,
            payment_captured=payment.c.captured_cents > 0,
            payment_created_at=payment.c.created_at,
        )
    )


def _words(booking: Booking) -> list[str]:
    return words_of(booking.booking_number, booking.first_name, booking.last_name, booking.email, booking.phone)
