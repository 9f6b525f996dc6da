"""What crews do with their link: they see their stops and tell how far they are. No login; the link is the key."""

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from shared.audit import member_of
from shared.clock import Clock, business_date, day_ends
from shared.commands import Commands
from shared.errors import NotFound, Refusal
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller
from shared.http.problems import status_of

from booking.api.crew_forms import REPORT_FORM, read_report
from booking.api.day_documents import crew_document
from booking.api.logistics_models import CrewDayAnswer, CrewLinkAnswer, CrewLinkBody, ReportAnswer
from booking.api.wanted_format import html_answer, wants_html
from booking.commands.document_desk import DocumentDesk
from booking.commands.record_report import RecordReport
from booking.commands.report_stop import ReportStop
from booking.domain.crew_links import CrewDay, LinkIsOver, check_is_today, crew_day_of, crew_token
from booking.domain.road import Step
from booking.pages.pages import Pages
from booking.queries.day import DayQueries

StepName = Literal["on-the-way", "picked-up", "delivered"]
_STEPS: dict[StepName, Step] = {"on-the-way": "on_the_way", "picked-up": "picked_up", "delivered": "delivered"}

_NOT_KEPT = {"Cache-Control": "no-store"}


class CrewLinks:
    """Makes links for crews and reads them."""

    def __init__(self, secret: str, site: str, clock: Clock, timezone: ZoneInfo) -> None:
        self._secret = secret
        self._site = site.rstrip("/")
        self._clock = clock
        self._timezone = timezone

    def make(self, crew_day: CrewDay) -> tuple[str, str, datetime]:
        """(address, token, when it is over); raises `LinkIsOver` for a day that is over."""
        token = crew_token(self._secret, crew_day)
        self.read(token)
        return f"{self._site}{path_of(token)}", token, day_ends(crew_day.day, self._timezone)

    def read(self, token: str) -> CrewDay:
        """What a token is for; raises `LinkIsOver`."""
        return crew_day_of(self._secret, token, self.today())

    def read_on_the_day(self, token: str) -> CrewDay:
        """What a token is for, today; raises `LinkIsOver` and `DayAhead`."""
        crew_day = self.read(token)
        check_is_today(crew_day, self.today())
        return crew_day

    def today(self) -> date:
        """The business date."""
        return business_date(self._clock(), self._timezone)


def path_of(token: str) -> str:
    """The path of a crew's page."""
    return f"/api/crew/{token}/"


def crew_link_routes(commands: Commands, days: DayQueries, links: CrewLinks) -> APIRouter:
    """Links for crews, made by the office."""
    router = APIRouter(prefix="/api/staff/logistics", tags=["Staff: logistics"])

    @router.post("/crew-links/", response_model=CrewLinkAnswer, status_code=201, summary="Make a link for a crew")
    async def make_link(body: CrewLinkBody, caller: Caller = access.staff("manage_bookings")) -> Response:
        """For one crew and one day, good until that day is over. Asking again gives the same link.

        Earlier the crew can look at its stops, and on the day itself also tell how far it is.
        """
        crew = await days.crew(body.crew_id)
        if crew is None or not crew.is_active:
            raise NotFound()
        url, token, expires = links.make(CrewDay(crew.id, body.date))
        details = {"date": str(body.date), "crew_id": str(crew.id)}
        await commands.execute(RecordReport(member_of(caller), "crew link", details))
        shown = {"url": url, "token": token, "crew": {"id": crew.id, "name": crew.name}, "date": body.date}
        return answer({**shown, "expires_at": expires}, 201)

    return router


class CrewPhone:
    """What a crew sees on its phone and tells with it: pages and sentences for browsers, JSON for others."""

    def __init__(
        self, commands: Commands, days: DayQueries, links: CrewLinks, desk: DocumentDesk, pages: Pages
    ) -> None:
        self._commands = commands
        self._days = days
        self._links = links
        self._desk = desk
        self._pages = pages

    async def stops(self, request: Request, token: str) -> Response:
        """The crew's day; raises `LinkIsOver`."""
        crew_day = self._links.read(token)
        crew = await self._days.crew(crew_day.crew_id)
        if crew is None or not crew.is_active:
            raise LinkIsOver()
        moves = await self._days.moves_of_crew(crew_day.day, crew.id)
        document = crew_document(crew, crew_day.day, crew_day.day == self._links.today(), moves)
        if wants_html(request):
            return html_answer(*self._pages.crew_day(document, path_of(token)))
        return answer(document, headers=_NOT_KEPT)

    async def tell(self, request: Request, token: str, booking_id: UUID, step: Step) -> Response:
        """The booking after the crew's report. Nothing is stored for what is not this crew's, or not today's."""
        crew_day = self._links.read_on_the_day(token)
        if booking_id not in {move.id for move in await self._days.moves_of_crew(crew_day.day, crew_day.crew_id)}:
            raise NotFound()
        told = await read_report(request)
        files = tuple([await self._desk.store(*picture) for picture in told.pictures])
        booking = await self._commands.execute(ReportStop(crew_day, booking_id, step, told.note, files))
        if wants_html(request):
            return Response(status_code=303, headers={"Location": f"{path_of(token)}#{booking.booking_number}"})
        shown = {"booking_id": booking.id, "booking_number": booking.booking_number, "status": booking.status}
        return answer({**shown, "step": step}, headers=_NOT_KEPT)

    async def in_words(self, request: Request, token: str, work: Awaitable[Response]) -> Response:
        """The answer, or for people in front of a browser the refusal as a page."""
        try:
            return await work
        except Refusal as refusal:
            if not wants_html(request):
                raise
            back = None if isinstance(refusal, LinkIsOver) else path_of(token)
            return html_answer(*self._pages.message(_sentence(refusal), back), status=status_of(refusal))


def crew_routes(phone: CrewPhone) -> APIRouter:
    """The crew's page and what it tells from the road."""
    router = APIRouter(prefix="/api/crew", tags=["Crews"])

    @router.get(
        "/{token}/",
        response_model=CrewDayAnswer,
        summary="A crew's stops of the day",
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    async def crew_page(token: str, request: Request, caller: Caller = access.anyone()) -> Response:
        """In their order; a page for browsers, JSON for others. 404 once the day is over."""
        return await phone.in_words(request, token, phone.stops(request, token))

    @router.post(
        "/{token}/stops/{booking_id}/{step}/",
        response_model=ReportAnswer,
        summary="Tell that the crew is on its way, has picked up, or has delivered",
        openapi_extra=REPORT_FORM,
        responses={
            303: {"description": "For browsers: back to the page"},
            409: {"description": "`day_ahead`, `invalid_transition` or `van_required`"},
            413: {"description": "More than 15 MB"},
            415: {"description": "Neither a form nor JSON"},
        },
    )
    async def report(
        token: str, booking_id: UUID, step: StepName, request: Request, caller: Caller = access.anyone()
    ) -> Response:
        """With a photo and a signature if there are any. Telling it twice, or out of order, does no harm."""
        return await phone.in_words(request, token, phone.tell(request, token, booking_id, _STEPS[step]))

    return router


def _sentence(refusal: Refusal) -> str:
    fields: dict[str, list[str]] = getattr(refusal, "field_errors", {})
    return " ".join(sentence for sentences in fields.values() for sentence in sentences) or refusal.message
