"""`/api/bookings/booking-status/{number}/`: following a booking without an account."""

from fastapi import APIRouter, Response
from shared.http import access
from shared.http.answers import answer
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller

from booking.api.cancelling import Cancelling, HolderCancelBody
from booking.api.holders import EmailQuery, TokenQuery, found_by_number, require_holder
from booking.api.models import CancelAnswer, StatusAnswer
from booking.api.presenting import holder_document, status_document
from booking.domain.booking import Actor
from booking.queries.bookings import BookingQueries
from booking.queries.extras import BookingExtras


def status_routes(queries: BookingQueries, cancelling: Cancelling, extras: BookingExtras) -> APIRouter:
    """What can be done with a booking number, and more with its manage token."""
    router = APIRouter(prefix="/api/bookings/booking-status", tags=["Bookings"])

    @router.get(
        "/{booking_number}/",
        response_model=StatusAnswer,
        response_model_exclude_unset=True,
        summary="The status of a booking",
    )
    async def booking_status(
        booking_number: str, token: TokenQuery = None, email: EmailQuery = None, caller: Caller = access.anyone()
    ) -> Response:
        """Little for anybody who knows the number; all that matters with the manage token or the e-mail address.

        A wrong token, a wrong address and an unknown number are the same 404.
        """
        found = await found_by_number(queries, booking_number)
        if token is None and email is None:
            return answer(status_document(found.booking))
        require_holder(found, token, email)
        return answer({**holder_document(found), **await extras.for_customer(found.booking)})

    @router.post("/{booking_number}/cancel/", response_model=CancelAnswer, summary="Cancel with the manage token")
    async def cancel_by_token(
        booking_number: str,
        key: OptionalKey,
        body: HolderCancelBody | None = None,
        token: TokenQuery = None,
        preview: bool = False,
        caller: Caller = access.anyone(),
    ) -> Response:
        """Cancels and refunds by the policy; with `?preview=true` only says what would be refunded."""
        found = await found_by_number(queries, booking_number)
        wanted = body or HolderCancelBody()
        require_holder(found, wanted.manage_token or token or "", None)
        actor = Actor("guest", found.booking.customer_id)
        if preview:
            return await cancelling.preview(found.booking.id, actor)
        return await cancelling.cancel(found.booking.id, actor, wanted.reason, key)

    return router
