"""What happens to every request before its route: its context, its identity, its bounds."""

import time

from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.context import correlation_id, deadline
from shared.errors import Forbidden, Refusal, Unauthenticated
from shared.http.client import DEADLINE_HEADER
from shared.http.errors import bug_response
from shared.http.identity import TokenVerifier
from shared.http.problems import PROBLEM_JSON, problem_of
from shared.telemetry import remote_context, tracer

_DEADLINE = DEADLINE_HEADER.lower().encode()
HEALTH = "/health/"
LONGEST_DEADLINE_MS = 60_000


class RequestContext:
    """Puts the request id, the deadline and the trace of the caller around the request, and answers for bugs.

    The request's span is made here, since ready-made ones record query strings, which may hold what people wrote. Bugs
    are answered here and not by the framework's outermost layer, which no longer knows the trace.
    """

    def __init__(self, app: ASGIApp, traced: bool) -> None:
        self._app = app
        self._traced = traced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        correlation_id.set(headers.get(b"x-request-id", b"").decode("latin-1")[:128])
        deadline.set(_deadline_of(headers))
        token = otel_context.attach(remote_context(headers.get(b"traceparent", b"").decode("latin-1")))
        try:
            if self._traced and not scope["path"].startswith(HEALTH):
                await self._answer_in_span(scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        finally:
            otel_context.detach(token)

    async def _answer_in_span(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        with tracer.start_as_current_span(method, kind=SpanKind.SERVER) as span:
            status = await self._answer(scope, receive, send)
            route = _route_of(scope)
            span.update_name(f"{method} {route}".rstrip())
            span.set_attributes(
                {"http.request.method": method, "http.route": route, "http.response.status_code": status}
            )
            if status >= 500:
                span.set_status(StatusCode.ERROR)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        """The status that was answered with; 0 if nothing was."""
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if status:  # nothing can be put right any more; the server closes the connection
                raise
            await bug_response(error, scope["path"], _route_of(scope))(scope, receive, noting)
        return status


def _route_of(scope: Scope) -> str:
    """The template that the path was found by, empty for what leads nowhere."""
    return getattr(scope.get("route"), "path", "")


def _deadline_of(headers: dict[bytes, bytes]) -> float | None:
    value = headers.get(_DEADLINE, b"")
    if not value.isdigit() or len(value) > 6:
        return None
    return time.monotonic() + min(int(value), LONGEST_DEADLINE_MS) / 1000


class Identity:
    """Lets nothing but health checks through without a valid identity token, and only services to `/internal/`."""

    def __init__(self, app: ASGIApp, verifier: TokenVerifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(HEALTH):
            await self._app(scope, receive, send)
            return
        try:
            self._identify(scope)
        except Refusal as refusal:
            await _refuse(send, refusal, scope["path"])
            return
        await self._app(scope, receive, send)

    def _identify(self, scope: Scope) -> None:
        token = _bearer(scope["headers"])
        if token is None:
            raise Unauthenticated("An identity token is required.")
        caller = self._verifier.verify(token)
        if scope["path"].startswith("/internal/") != (caller.kind == "service"):
            raise Forbidden()
        scope.setdefault("state", {})["caller"] = caller


def _bearer(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].decode("latin-1")
    return None


async def _refuse(send: Send, refusal: Refusal, path: str) -> None:
    status, body, extra = problem_of(refusal, path)
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in extra.items()]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
