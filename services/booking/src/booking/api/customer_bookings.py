"""A customer's own bookings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.contracts.base import BookingStatus
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Day
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from booking.api.cancelling import CancelBody, Cancelling
from booking.api.models import CancelAnswer, CustomerBookingAnswer, SummariesAnswer
from booking.api.presenting import detail_document, summary_document
from booking.domain.booking import Actor
from booking.queries.bookings import BookingQueries, Filters
from booking.queries.extras import BookingExtras


def customer_routes(queries: BookingQueries, cancelling: Cancelling, extras: BookingExtras) -> APIRouter:
    """Lists, details and cancellation; other people's bookings do not exist here."""
    router = APIRouter(prefix="/api/customers/bookings", tags=["My bookings"])

    @router.get("/", response_model=SummariesAnswer, summary="My bookings")
    async def my_bookings(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        status: BookingStatus | None = None,
        pickup_date_from: Annotated[Day | None, Query()] = None,
        pickup_date_to: Annotated[Day | None, Query()] = None,
        caller: Caller = access.customer(),
    ) -> Response:
        """The caller's bookings, newest first."""
        filters = Filters(
            customer_id=caller.require_customer(),
            status=status,
            pickup_date_from=pickup_date_from,
            pickup_date_to=pickup_date_to,
        )
        rows, count = await queries.page(filters, page)
        return answer(paged(request, page, [summary_document(row) for row in rows], count))

    @router.get("/{booking_id}/", response_model=CustomerBookingAnswer, summary="One of my bookings")
    async def my_booking(booking_id: UUID, caller: Caller = access.customer()) -> Response:
        """All of it; 404 for bookings of others."""
        found = await queries.of_customer(booking_id, caller.require_customer())
        if found is None:
            raise NotFound()
        return answer({**detail_document(found), **await extras.for_customer(found.booking)})

    @router.post("/{booking_id}/cancel/", response_model=CancelAnswer, summary="Cancel one of my bookings")
    async def cancel_my_booking(
        booking_id: UUID,
        key: OptionalKey,
        body: CancelBody | None = None,
        preview: bool = False,
        caller: Caller = access.customer(),
    ) -> Response:
        """Cancels and refunds by the policy; with `?preview=true` only says what would be refunded."""
        customer_id = caller.require_customer()
        if await queries.of_customer(booking_id, customer_id) is None:
            raise NotFound()
        actor = Actor("customer", customer_id)
        if preview:
            return await cancelling.preview(booking_id, actor)
        return await cancelling.cancel(booking_id, actor, (body or CancelBody()).reason, key)

    return router
