"""`GET /api/staff/bookings/{id}/price/replay/`."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter, Response
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller

from booking.api.reschedule_models import ReplayAnswer
from booking.queries.replay_price import PriceReplay


def replay_routes(replays: PriceReplay) -> APIRouter:
    """Old prices computed anew."""
    router = APIRouter(prefix="/api/staff/bookings", tags=["Staff: bookings"])

    @router.get("/{booking_id}/price/replay/", response_model=ReplayAnswer, summary="Compute a booking's price anew")
    async def replay_price(booking_id: UUID, caller: Caller = access.staff("view_bookings")) -> Response:
        """From the input and the catalogue version that were kept with it; the two must agree to the cent."""
        replay = await replays.of_booking(booking_id)
        return answer({**asdict(replay), "agrees": replay.agrees})

    return router
