"""What payments asks before a booking is paid whose place was given to others."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from shared.contracts.booking_state import BookingState
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller

from booking.commands.book_move import BookingDesk
from booking.domain.facts import state_of
from booking.queries.bookings import BookingQueries


class PlaceAnswer(BaseModel):
    """The booking as it is now."""

    booking: BookingState


def place_routes(desk: BookingDesk, queries: BookingQueries) -> APIRouter:
    """`/internal/bookings/{booking_id}/place`."""
    router = APIRouter(prefix="/internal/bookings", tags=["internal"])

    @router.post("/{booking_id}/place", response_model=PlaceAnswer, summary="Take a place for a booking to be paid")
    async def take_place(booking_id: UUID, caller: Caller = access.service("payments")) -> Response:
        """The booking, holding a place unless it is over; 409 `no_capacity` when its day is full. Safe to repeat."""
        found = await queries.by_id(booking_id)
        if found is None:
            raise NotFound()
        held = await desk.with_place(found.booking)
        body: dict[str, Any] = {"booking": state_of(held).model_dump(mode="json")}
        return answer(body)

    return router
