"""Payment intents, from the payments service."""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from shared.contracts.booking_state import BookingState
from shared.errors import Unavailable
from shared.http.client import ServiceClient

log = logging.getLogger(__name__)

BUDGET_SECONDS = 3.0
PATH = "/internal/payment-intents"


@dataclass(frozen=True, slots=True)
class Intent:
    """A way to pay a booking. `client_secret` is for the payer's browser alone and is never stored."""

    id: str
    client_secret: str
    amount_cents: int
    status: str


class Intents(Protocol):
    """Where intents come from."""

    async def intent_for(self, booking: BookingState, purpose: str, due_cents: int) -> Intent | None:
        """The open intent for what is due, made if there is none; nothing when it can't be had at the moment.

        `purpose` is `booking` for the price, `adjustment:<n>` for what a change costs.
        """
        ...


class PaymentsClient:
    """Asks the payments service, for three seconds at most. Asking again is harmless: it answers the same intent."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def intent_for(self, booking: BookingState, purpose: str, due_cents: int) -> Intent | None:
        """The open intent; nothing when payments is down, slow, refuses, or answers nonsense."""
        body = {"booking": booking.model_dump(mode="json"), "purpose": purpose}
        try:
            answer = await self._client.post(PATH, body, BUDGET_SECONDS)
        except Unavailable as refusal:
            log.warning("no payment intent", extra={"booking_id": str(booking.id), "reason": refusal.message})
            return None
        if answer.status != 200:
            log.warning("no payment intent", extra={"booking_id": str(booking.id), "status": answer.status})
            return None
        return _intent_of(answer.body, booking, due_cents)


def _intent_of(body: Any, booking: BookingState, due_cents: int) -> Intent | None:
    try:
        intent = Intent(
            str(body["payment_intent_id"]), str(body["client_secret"]), int(body["amount_cents"]), str(body["status"])
        )
    except (KeyError, TypeError, ValueError):
        log.exception("payments gave an answer that is no intent", extra={"booking_id": str(booking.id)})
        return None
    if intent.amount_cents != due_cents:
        log.error("payments gave an intent of another amount", extra={"booking_id": str(booking.id)})
        return None
    return intent
