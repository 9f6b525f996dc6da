"""Messages and templates for staff."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Text
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from notifications.api.schemas import MessagesAnswer, PreviewAnswer, Status, TemplateAnswer, TemplatesAnswer
from notifications.domain.kinds import OPTIONAL, Kind
from notifications.queries.list_messages import Filters, list_messages
from notifications.sending.rendering import Rendered, Renderer
from notifications.sending.samples import sample_values


def routes(database: Database, renderer: Renderer) -> APIRouter:
    """What was sent to whom, and what messages look like."""
    router = APIRouter(prefix="/api/staff/notifications", tags=["staff notifications"])

    @router.get("/", response_model=MessagesAnswer, operation_id="list_notifications", summary="Messages, newest first")
    async def messages(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        status: Annotated[Status | None, Query()] = None,
        recipient: Annotated[Text | None, Query(max_length=254)] = None,
        booking_id: Annotated[UUID | None, Query()] = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> dict[str, Any]:
        results, count = await list_messages(database, Filters(status, recipient, booking_id), page)
        return paged(request, page, results, count)

    @router.get(
        "/templates/", operation_id="list_notification_templates", summary="The kinds of messages and their subjects"
    )
    async def templates(caller: Caller = access.staff("view_bookings")) -> TemplatesAnswer:
        return TemplatesAnswer(
            templates=[
                TemplateAnswer(kind=kind, transactional=kind not in OPTIONAL, subject=_sample(kind).subject)
                for kind in Kind
            ]
        )

    @router.get(
        "/templates/{kind}/preview/",
        operation_id="preview_notification_template",
        summary="A message as a made-up customer would get it",
    )
    async def preview(kind: Kind, caller: Caller = access.staff("view_bookings")) -> PreviewAnswer:
        sample = _sample(kind)
        return PreviewAnswer(kind=kind, subject=sample.subject, text=sample.text, html=sample.html)

    def _sample(kind: Kind) -> Rendered:
        return renderer.render(kind, sample_values(renderer, kind))

    return router
