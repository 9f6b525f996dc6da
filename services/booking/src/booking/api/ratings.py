"""Ratings: given once by whoever booked, read by staff."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from shared.commands import Commands
from shared.contracts.base import ServiceType
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer, answered_once
from shared.http.fields import Body, Day, WholeNumber
from shared.http.idempotency import IdempotencyKey, OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from booking.api.fields import Instructions, Token
from booking.api.holders import TokenQuery, found_by_number, require_holder
from booking.api.logistics_models import Named
from booking.api.rating_models import RatingShown
from booking.commands.rate_booking import RateBooking
from booking.domain.booking import Actor
from booking.queries.bookings import BookingQueries
from booking.queries.ratings import RatingFilters, RatingQueries, average, listed_document, rating_document

Grade = Annotated[WholeNumber, Field(ge=1, le=5)]
_CONFLICTS: dict[int | str, dict[str, object]] = {409: {"description": "`not_completed` or `already_rated`"}}


class RatingBody(Body):
    """A grade from 1 to 5, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rating": 5, "text": "Careful and on time."}]})

    rating: Grade
    text: Instructions = ""


class HolderRatingBody(RatingBody):
    """The same from the holder of the manage token, which may be here or in the address."""

    manage_token: Token | None = None


class RatingAnswer(BaseModel):
    """A rating that was given."""

    rating: RatingShown


class ListedRating(RatingShown):
    """A rating in the office's list."""

    booking_id: UUID
    booking_number: str
    customer_name: str
    service_type: ServiceType
    pickup_date: date
    crew: Named | None


class RatingsAnswer(BaseModel):
    """A page of ratings; `average` and `counts` are of all that match, not of the page."""

    results: list[ListedRating]
    count: int
    next: str | None
    previous: str | None
    average: float | None
    counts: dict[str, int]


class RatingDesk:
    """Takes the rating of a move from whoever booked it."""

    def __init__(self, commands: Commands, database: Database) -> None:
        self._commands = commands
        self._database = database

    async def rate(self, booking_id: UUID, actor: Actor, body: RatingBody, key: IdempotencyKey | None) -> Response:
        """The rating; the first answer again for a key used before."""

        async def work() -> dict[str, Any]:
            command = RateBooking(booking_id, actor, body.rating, body.text, key)
            return {"rating": rating_document(await self._commands.execute(command))}

        return await answered_once(self._database, key, work, 201)


def holder_rating_routes(desk: RatingDesk, bookings: BookingQueries) -> APIRouter:
    """Giving ratings without an account."""
    router = APIRouter(tags=["Bookings"])

    @router.post(
        "/api/bookings/booking-status/{booking_number}/rating/",
        response_model=RatingAnswer,
        status_code=201,
        responses=_CONFLICTS,
        summary="Rate a move with the manage token",
    )
    async def rate_by_token(
        booking_number: str,
        body: HolderRatingBody,
        key: OptionalKey,
        token: TokenQuery = None,
        caller: Caller = access.anyone(),
    ) -> Response:
        """Once, after it is completed."""
        found = await found_by_number(bookings, booking_number)
        require_holder(found, body.manage_token or token or "", None)
        return await desk.rate(found.booking.id, Actor("guest", found.booking.customer_id), body, key)

    return router


def customer_rating_routes(desk: RatingDesk, bookings: BookingQueries) -> APIRouter:
    """Giving ratings as a customer."""
    router = APIRouter(tags=["My bookings"])

    @router.post(
        "/api/customers/bookings/{booking_id}/rating/",
        response_model=RatingAnswer,
        status_code=201,
        responses=_CONFLICTS,
        summary="Rate one of my moves",
    )
    async def rate_my_booking(
        booking_id: UUID, body: RatingBody, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """Once, after it is completed; 404 for bookings of others."""
        customer_id = caller.require_customer()
        if await bookings.of_customer(booking_id, customer_id) is None:
            raise NotFound()
        return await desk.rate(booking_id, Actor("customer", customer_id), body, key)

    return router


def rating_list_routes(ratings: RatingQueries) -> APIRouter:
    """Reading ratings."""
    router = APIRouter()

    @router.get("/api/staff/ratings/", tags=["Staff: bookings"], response_model=RatingsAnswer, summary="All ratings")
    async def all_ratings(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        rating: Annotated[int | None, Query(ge=1, le=5)] = None,
        crew_id: UUID | None = None,
        first_day: Annotated[Day | None, Query(alias="from")] = None,
        last_day: Annotated[Day | None, Query(alias="to")] = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """Newest first, with the average of all that match."""
        rows, counts = await ratings.page(RatingFilters(rating, crew_id, first_day, last_day), page)
        body = paged(request, page, [listed_document(row) for row in rows], sum(counts.values()))
        shown = {str(grade): count for grade, count in counts.items()}
        return answer({**body, "average": average(counts), "counts": shown})

    return router
