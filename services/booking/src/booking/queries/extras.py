"""What belongs to a booking and is kept beside it: its documents and its rating."""

from typing import Any
from uuid import UUID

from booking.domain.booking import Booking
from booking.queries.documents import DocumentQueries
from booking.queries.ratings import RatingQueries


class BookingExtras:
    """The members `documents` and `rating` of whoever's view of a booking."""

    def __init__(self, documents: DocumentQueries, ratings: RatingQueries) -> None:
        self._documents = documents
        self._ratings = ratings

    async def for_customer(self, booking: Booking) -> dict[str, Any]:
        """For whoever booked; only a completed booking can have a rating."""
        rated = await self._ratings.of_booking(booking.id) if booking.status == "completed" else None
        return {"documents": await self._documents.for_customer(booking.id), "rating": rated}

    async def for_staff(self, booking_id: UUID) -> dict[str, Any]:
        """For the office."""
        return {
            "documents": await self._documents.for_staff(booking_id),
            "rating": await self._ratings.of_booking(booking_id),
        }
