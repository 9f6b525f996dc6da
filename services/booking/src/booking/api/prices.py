"""`POST /api/bookings/pricing-preview/`."""

from fastapi import APIRouter, Response
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller

from booking.api.models import QuoteAnswer
from booking.api.move_bodies import PreviewBody
from booking.domain.discounts import redeemers_of
from booking.domain.price_documents import quote_document
from booking.queries.quote_move import QuoteMove


def price_routes(quotes: QuoteMove) -> APIRouter:
    """Prices."""
    router = APIRouter(prefix="/api/bookings", tags=["Prices"])

    @router.post("/pricing-preview/", response_model=QuoteAnswer, summary="What a move costs")
    async def preview_price(body: PreviewBody, caller: Caller = access.anyone()) -> Response:
        """The exact price, why it is what it is, and a quote token that keeps it for 15 minutes."""
        move, problems = body.wanted()
        redeemers = redeemers_of(caller.id, caller.email) if caller.kind == "customer" else None
        return answer(quote_document(await quotes.quote(quotes.checked(move, others=problems), redeemers=redeemers)))

    return router
