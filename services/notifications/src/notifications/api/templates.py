"""What messages say, for staff to look at and to word anew."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.identity import Caller

from notifications.api.schemas import PreviewAnswer, TemplateAnswer, TemplateDetail, TemplatesAnswer, Wording
from notifications.api.staff import PREFIX, TAGS
from notifications.commands.change_template import ChangeTemplate
from notifications.domain.kinds import BY_SMS, LINKS, OPTIONAL, Kind
from notifications.queries.template_history import template_history
from notifications.sending.checking import mistake_in, variables_of
from notifications.sending.rendering import Renderer, parts_of, shipped_source
from notifications.sending.rewriting import Rewrites
from notifications.sending.samples import sample_values

CHECK_SECONDS = 3.0


class _Tried:
    """Templates as they would be with these parts worded anew, and the others as they came."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts

    def source(self, kind: Kind, part: str) -> str | None:
        """The part as it is tried, else null for ours."""
        return self._parts.get(part)


def template_routes(commands: Commands, database: Database, renderer: Renderer, rewrites: Rewrites) -> APIRouter:
    """`/api/staff/notifications/templates/…`."""
    router = APIRouter(prefix=f"{PREFIX}/templates", tags=TAGS)
    _add_reads(router, database, renderer, rewrites)

    @router.put("/{kind}/", operation_id="change_notification_template", summary="Word a message anew")
    async def change(kind: Kind, body: Wording, caller: Caller = access.staff("manage_catalog")) -> TemplateDetail:
        """Checked before it is kept: a mistake is refused with its line and the reason. Messages whose links open
        accounts are worded by those who may manage staff.
        """
        _may_word(caller, kind)
        await _check(renderer, kind, body.parts())
        await commands.execute(ChangeTemplate(kind, body.parts(), body.version, caller))
        return await _detail(database, renderer, rewrites, kind)

    @router.delete(
        "/{kind}/", operation_id="reset_notification_template", summary="Go back to the wording it came with"
    )
    async def reset(kind: Kind, caller: Caller = access.staff("manage_catalog")) -> TemplateDetail:
        _may_word(caller, kind)
        await commands.execute(ChangeTemplate(kind, {}, None, caller))
        return await _detail(database, renderer, rewrites, kind)

    return router


def _may_word(caller: Caller, kind: Kind) -> None:
    """Raises `Forbidden`: who words a message with such a link has the accounts of all that it is sent to."""
    if kind in LINKS:
        caller.require_staff("manage_staff")


def _add_reads(router: APIRouter, database: Database, renderer: Renderer, rewrites: Rewrites) -> None:
    @router.get("/", operation_id="list_notification_templates", summary="The kinds of messages and their subjects")
    async def templates(caller: Caller = access.staff("view_bookings")) -> TemplatesAnswer:
        await rewrites.reload()
        return TemplatesAnswer(templates=[TemplateAnswer(**_summary(renderer, rewrites, kind)) for kind in Kind])

    @router.get(
        "/{kind}/",
        operation_id="get_notification_template",
        summary="The sources of a message, what they may use, and their versions",
    )
    async def template(kind: Kind, caller: Caller = access.staff("view_bookings")) -> TemplateDetail:
        return await _detail(database, renderer, rewrites, kind)

    @router.get(
        "/{kind}/preview/",
        operation_id="preview_notification_template",
        summary="A message as a made-up customer would get it",
    )
    async def preview(kind: Kind, caller: Caller = access.staff("view_bookings")) -> PreviewAnswer:
        await rewrites.reload()
        return _preview(renderer, kind)

    @router.post(
        "/{kind}/preview/",
        operation_id="try_notification_template",
        summary="A message as it would be with another wording",
    )
    async def attempt(kind: Kind, body: Wording, caller: Caller = access.staff("view_bookings")) -> PreviewAnswer:
        """Nothing is kept. It shows what the same body would make of the message if it were put."""
        await _check(renderer, kind, body.parts())
        return _preview(renderer.with_templates(_Tried(body.parts())), kind)


async def _check(renderer: Renderer, kind: Kind, parts: Mapping[str, str]) -> None:
    """Raises `Invalid` with a sentence for each part that can't be used."""
    errors = {part: [f"A message of kind {kind} has no such part."] for part in parts if part not in parts_of(kind)}
    for part in parts.keys() - errors.keys():
        try:
            check = asyncio.to_thread(mistake_in, renderer, kind, part, parts[part])
            mistake = await asyncio.wait_for(check, CHECK_SECONDS)
        except TimeoutError:
            errors[part] = ["It takes too long."]
        else:
            errors |= {part: [str(mistake)]} if mistake else {}
    if errors:
        raise Invalid(errors)


def _preview(renderer: Renderer, kind: Kind) -> PreviewAnswer:
    values = sample_values(renderer, kind)
    shown = renderer.render(kind, values)
    sms = renderer.render_sms(kind, values) if kind in BY_SMS else None
    return PreviewAnswer(kind=kind, subject=shown.subject, text=shown.text, html=shown.html, sms=sms)


def _summary(renderer: Renderer, rewrites: Rewrites, kind: Kind) -> dict[str, Any]:
    version, changed_by, changed_at = rewrites.version(kind)
    return {
        "kind": kind,
        "transactional": kind not in OPTIONAL,
        "channels": ["email", "sms"] if kind in BY_SMS else ["email"],
        "subject": renderer.render(kind, sample_values(renderer, kind)).subject,
        "version": version,
        "rewritten_parts": sorted(rewrites.parts(kind)),
        "changed_by": changed_by,
        "changed_at": changed_at,
    }


async def _detail(database: Database, renderer: Renderer, rewrites: Rewrites, kind: Kind) -> TemplateDetail:
    await rewrites.reload()
    ours = {part: shipped_source(kind, part) for part in parts_of(kind)}
    return TemplateDetail(
        **_summary(renderer, rewrites, kind),
        parts=ours | rewrites.parts(kind),
        variables=variables_of(renderer, kind),
        history=await template_history(database, kind),
    )
