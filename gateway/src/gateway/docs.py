"""The API's pages: one OpenAPI document for all services, the events, and a page for each, from our own files."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import orjson
from shared.contracts.asyncapi import asyncapi_document
from shared.errors import NotFound

from gateway.answers import JSON, Answer, file_answer
from gateway.event_page import render_events
from gateway.identity import Identity
from gateway.openapi import merge
from gateway.route import Route
from gateway.upstream import PageFailed, Upstream
from gateway.visit import Handler, Visit

KEPT_SECONDS = 60.0
INCOMPLETE_KEPT_SECONDS = 2.0
"""The missing service may be back in a moment, but not every visitor waits for it meanwhile."""

PATIENCE_SECONDS = 3.0
STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {"content-security-policy": CONTENT_SECURITY_POLICY, "referrer-policy": "no-referrer"}


class Docs:
    """Fetches the services' documents once a minute, or after 2 s if one was missing.

    A service that is down is left out and named.
    """

    def __init__(self, upstreams: Mapping[str, Upstream], identity: Identity, routes: Sequence[Route]) -> None:
        self._upstreams = upstreams
        self._identity = identity
        self._routes = routes
        self._lock = asyncio.Lock()
        self._kept_until, self._document = 0.0, b""

    def handlers(self) -> dict[str, Handler]:
        """The answers by the names that the route table uses."""
        return {
            "docs": self.page,
            "docs_file": self.file,
            "openapi": self.openapi,
            "asyncapi": self.asyncapi,
            "event_docs": self.events,
        }

    async def page(self, visit: Visit) -> Answer:
        """The page that shows the OpenAPI document."""
        return file_answer((STATIC / "docs.html").read_bytes(), "text/html; charset=utf-8", PAGE_HEADERS)

    async def file(self, visit: Visit) -> Answer:
        """A script or style sheet of the pages."""
        name = visit.match.parameters["file"]
        media_type = MEDIA_TYPES.get(Path(name).suffix)
        if media_type is None or name not in _static_names():
            raise NotFound()
        body = await asyncio.to_thread((STATIC / name).read_bytes)
        return file_answer(body, media_type, {"cache-control": "public, max-age=3600"})

    async def openapi(self, visit: Visit) -> Answer:
        """The merged document."""
        async with self._lock:
            if time.monotonic() >= self._kept_until:
                services = list(self._upstreams)
                found = await asyncio.gather(*(self._document_of(service, visit) for service in services))
                self._document = orjson.dumps(merge(dict(zip(services, found, strict=True)), self._routes))
                kept_seconds = INCOMPLETE_KEPT_SECONDS if None in found else KEPT_SECONDS
                self._kept_until = time.monotonic() + kept_seconds
            document = self._document
        return file_answer(document, JSON, {"cache-control": "no-cache"})

    async def _document_of(self, service: str, visit: Visit) -> bytes | None:
        headers = {"Authorization": self._identity.token(visit.request, None, service).decode()}
        try:
            status, body = await self._upstreams[service].look("/openapi.json", headers, PATIENCE_SECONDS)
        except PageFailed:
            return None
        return body if status == 200 else None

    async def asyncapi(self, visit: Visit) -> Answer:
        """The events as an AsyncAPI 3 document."""
        return file_answer(_asyncapi(), JSON, {"cache-control": "no-cache"})

    async def events(self, visit: Visit) -> Answer:
        """The page that shows the events."""
        return file_answer(_events_page(), "text/html; charset=utf-8", PAGE_HEADERS)


@cache
def _static_names() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir())


@cache
def _asyncapi() -> bytes:
    return orjson.dumps(asyncapi_document())


@cache
def _events_page() -> bytes:
    return render_events(asyncapi_document()).encode()
