"""The places of a day are booking's to give: it is asked before a booking is paid whose place went to others."""

from typing import Protocol
from uuid import UUID

from pydantic import ValidationError
from shared.contracts.booking_state import BookingState
from shared.http.client import ServiceClient

from payments.domain.errors import BookingNotFound, NoCapacity, PaymentUnavailable

BUDGET_SECONDS = 2.0


class Places(Protocol):
    """Where places come from."""

    async def take_again(self, booking_id: UUID) -> BookingState:
        """The booking, holding a place unless it is over.

        Raises `NoCapacity` when its day is full, and `Unavailable` when that can't be found out at the moment.
        """
        ...


class BookingPlaces:
    """Asks the booking service. Asking again is harmless."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def take_again(self, booking_id: UUID) -> BookingState:
        """The booking, holding a place unless it is over."""
        answer = await self._client.post(f"/internal/bookings/{booking_id}/place", {}, BUDGET_SECONDS)
        match answer.status:
            case 200:
                return _booking_of(answer.body)
            case 404:
                raise BookingNotFound()
            case 409:
                nearest = answer.body.get("nearest_dates", []) if isinstance(answer.body, dict) else []
                raise NoCapacity(nearest_dates=nearest)
        raise PaymentUnavailable()


def _booking_of(body: object) -> BookingState:
    try:
        return BookingState.model_validate(body["booking"] if isinstance(body, dict) else None)
    except (KeyError, ValidationError) as error:
        raise PaymentUnavailable() from error
