"""Who holds a booking without an account: by its manage token, or by its e-mail address for reading."""

from typing import Annotated

from fastapi import Query
from shared.errors import NotFound

from booking.domain.tokens import is_token_of
from booking.queries.bookings import BookingQueries, Found

TokenQuery = Annotated[str | None, Query(max_length=128, description="The booking's manage token.")]
EmailQuery = Annotated[str | None, Query(max_length=254, description="The e-mail address of the booking.")]

LONGEST_NUMBER = 20


async def found_by_number(queries: BookingQueries, number: str) -> Found:
    """The booking with this number; raises `NotFound`."""
    if len(number) > LONGEST_NUMBER or not number.isascii() or not number.isprintable():
        raise NotFound()
    found = await queries.by_number(number)
    if found is None:
        raise NotFound()
    return found


def require_holder(found: Found, token: str | None, email: str | None) -> None:
    """Raises `NotFound` unless the caller has the booking's manage token or knows its e-mail address."""
    booking = found.booking
    by_token = token is not None and is_token_of(token, booking.manage_token_sha256)
    by_email = bool(booking.email) and email is not None and email.strip().lower() == booking.email.lower()
    if not (by_token or by_email):
        raise NotFound()
