"""The pages of operators, merged from all services. Each service checks by itself that the caller may see them."""

import asyncio
import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import ValidationError
from shared.clock import utc_now
from shared.errors import Forbidden, Invalid, NotFound, Unauthenticated
from shared.http.fields import Body, Text
from shared.http.identity import Caller

from gateway.answers import JSON, Answer, json_answer
from gateway.body import read_in_time
from gateway.copies import compare_copies
from gateway.headers import to_client, to_service
from gateway.http1 import Connection
from gateway.identity import Identity
from gateway.refusals import UpstreamBroken
from gateway.request import Request
from gateway.route import BUDGET
from gateway.upstream import Call, PageFailed, Upstream
from gateway.visit import Handler, Visit

PATIENCE_SECONDS = 3.0
HEARTBEATS = "/operations/heartbeats/"
PARKED = "/operations/parked-events/"
INVARIANTS = "/operations/invariants/"
PERMISSION = "manage_operations"


class ParkedOrder(Body):
    """What becomes of which service's parked event: it is tried again, or dropped, for which there must be a reason."""

    service: Text
    id: UUID
    action: Literal["retry", "drop"] = "retry"
    reason: Text = ""


class Operations:
    """Heartbeats, invariants and parked events of every service, for administrators."""

    def __init__(self, upstreams: Mapping[str, Upstream], identity: Identity) -> None:
        self._upstreams = upstreams
        self._identity = identity

    def handlers(self) -> dict[str, Handler]:
        """The answers by the names that the route table uses."""
        return {
            "heartbeats": self.heartbeats,
            "invariants": self.invariants,
            "parked_events": self.parked_events,
            "parked_event": self.parked_event,
            "resolve_parked_event": self.resolve,
        }

    async def heartbeats(self, visit: Visit) -> Answer:
        """Every job, relay and consumer with its last success; those that missed beats first."""
        pages = await self._ask_all(visit, HEARTBEATS)
        beats = [{"service": name, **beat} for name, page in pages.items() for beat in page or ()]
        beats.sort(key=lambda beat: (not beat["missed"], beat["service"], beat["name"]))
        missed = sum(beat["missed"] for beat in beats)
        return json_answer(_merged(pages, beats, len(beats)) | {"missed": missed, "checked_at": utc_now()})

    async def invariants(self, visit: Visit) -> Answer:
        """The proof of all books, those of each service and where copies are held against each other."""
        now = utc_now()
        pages = await self._ask_all(visit, f"{INVARIANTS}?at={now:%Y-%m-%dT%H:%M:%S.%fZ}")
        checks = [{"service": name, **check} for name, page in pages.items() if page for check in page["checks"]]
        checks += compare_copies({name: page["totals"] for name, page in pages.items() if page})
        missing = _missing(pages)
        proven = not missing and all(check["ok"] for check in checks)
        return json_answer({"ok": proven, "checks": checks, "unavailable": missing, "checked_at": now})

    async def parked_events(self, visit: Visit) -> Answer:
        """The events that wait for people, the oldest hundred of each service; `count` counts all."""
        pages = await self._ask_all(visit, PARKED)
        events = [{"service": name, **event} for name, page in pages.items() if page for event in page["results"]]
        events.sort(key=itemgetter("first_seen_at"))
        return json_answer(_merged(pages, events, sum(page["count"] for page in pages.values() if page)))

    async def parked_event(self, visit: Visit) -> Answer:
        """One parked event, whole."""
        parameters = visit.match.parameters
        return await self._pass_on(visit, parameters["service"], "GET", parameters["id"], None)

    async def resolve(self, visit: Visit) -> Answer:
        """Puts a parked event back into its service's queue, or drops it. The service audits it.

        Whoever may not do so hears that, before what they sent is looked at.
        """
        (visit.session.owner if visit.session else Caller()).require_staff(PERMISSION)
        order = _read_order(await read_in_time(visit.request, visit.match.route.body_limit, BUDGET))
        if order.service not in self._upstreams:
            raise Invalid({"service": [f"Must be one of {', '.join(self._upstreams)}."]})
        body = orjson.dumps({"action": order.action, "reason": order.reason})
        return await self._pass_on(visit, order.service, "POST", str(order.id), body)

    async def _ask_all(self, visit: Visit, path: str) -> dict[str, Any]:
        """Service → its page, null for one that does not answer. Raises `Unauthenticated` or `Forbidden`."""
        _require_staff(visit)
        names = list(self._upstreams)
        return dict(zip(names, await asyncio.gather(*(self._page(visit, name, path) for name in names)), strict=True))

    async def _page(self, visit: Visit, service: str, path: str) -> Any:
        token = self._identity.token(visit.request, visit.session, service).decode()
        try:
            status, body = await self._upstreams[service].look(path, {"Authorization": token}, PATIENCE_SECONDS)
        except PageFailed:
            return None
        if status == 403:
            raise Forbidden()
        return orjson.loads(body) if status == 200 else None

    async def _pass_on(self, visit: Visit, service: str, method: str, name: str, body: bytes | None) -> Answer:
        _require_staff(visit)
        upstream = self._upstreams.get(service)
        if upstream is None or not _is_id(name):
            raise NotFound("There is no such parked event.")
        request = visit.request
        authorization = self._identity.token(request, visit.session, service)
        headers = to_service(request, authorization, request.remaining(BUDGET), webhook=False) | {"Content-Type": JSON}
        call = Call(method, f"{PARKED}{name}/", headers, body, request.started + BUDGET)

        async def receive(answer: Connection) -> Answer:
            if answer.length is None:
                raise UpstreamBroken(service)
            body = _as_asked_for(request, answer.status, await answer.read())
            return Answer(answer.status, body, to_client(answer.headers, public=False))

        return await upstream.ask(call, receive)


def _require_staff(visit: Visit) -> None:
    if visit.session is None:
        raise Unauthenticated()
    if visit.session.kind != "staff":
        raise Forbidden()


def _merged(pages: Mapping[str, Any], results: list[dict[str, Any]], count: int) -> dict[str, Any]:
    return {"results": results, "count": count, "next": None, "previous": None, "unavailable": _missing(pages)}


def _missing(pages: Mapping[str, Any]) -> list[str]:
    return [service for service, page in pages.items() if page is None]


def _as_asked_for(request: Request, status: int, body: bytes) -> bytes:
    """A problem is told of the path that the client knows, not of the service's own."""
    if status < 400:
        return body
    return orjson.dumps({**orjson.loads(body), "instance": request.path.decode("ascii", "replace")})


def _read_order(body: bytes) -> ParkedOrder:
    try:
        content = json.loads(body or b"null")
    except (ValueError, RecursionError) as error:
        raise Invalid({"body": ["This is not JSON."]}) from error
    try:
        return ParkedOrder.model_validate(content)
    except ValidationError as error:
        problems = {".".join(map(str, found["loc"])) or "body": [found["msg"]] for found in error.errors()}
        raise Invalid(problems) from error


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
