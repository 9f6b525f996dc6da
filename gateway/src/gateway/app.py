"""Takes a request from the connection to its answer."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.errors import Refusal
from shared.telemetry import meter
from shared.telemetry.setup import REQUEST_SECONDS, tracing_enabled

from gateway.admission import Admission
from gateway.answers import Answer, refusal_answer, send_answer
from gateway.body import ClientLeft
from gateway.cors import Cors
from gateway.intake import Intake, headers_of
from gateway.login import LoginDesk
from gateway.proxy import AnswerBrokeOff, Proxy
from gateway.refusals import GatewayFault, UpstreamRefusal
from gateway.request import Receive, Request, Scope, Send
from gateway.routing import Router
from gateway.secure import SecureTransport
from gateway.tracing import continue_trace, name_span, recorded_span, within
from gateway.upstream import Upstream
from gateway.valkey import Valkey
from gateway.visit import Handler

_log = logging.getLogger(__name__)
_seconds = meter.create_histogram(
    "gateway.request.duration",
    unit="s",
    description="Requests by route and status.",
    explicit_bucket_boundaries_advisory=REQUEST_SECONDS,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is put together from."""

    intake: Intake
    cors: Cors
    secure: SecureTransport
    router: Router
    admission: Admission
    login: LoginDesk
    proxy: Proxy
    handlers: Mapping[str, Handler]
    upstreams: Sequence[Upstream]
    valkey: Valkey


class Gateway:
    """The ASGI application. It knows no business rule."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records_spans = tracing_enabled()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The server's start and stop, or one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = headers_of(scope)
        incoming = headers.get(b"traceparent", b"").decode("latin-1")
        if not self._records_spans or scope["raw_path"].startswith(b"/health/"):
            request = self._parts.intake.request(scope, receive, headers, continue_trace(incoming))
            await self._answer(request, scope, send)
            return
        with recorded_span(scope["method"], incoming) as trace:
            request = self._parts.intake.request(scope, receive, headers, trace)
            await self._answer(request, scope, send)
            name_span(request.method, request.template, request.status, request.request_id)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for upstream in self._parts.upstreams:
            upstream.close()
        await self._parts.valkey.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, request: Request, scope: Scope, send: Send) -> None:
        """Answers a request, whatever happens; without an answer the server ends the connection."""
        request.answer_headers += self._parts.cors.headers(request)
        request.answer_headers += self._parts.secure.headers(request)
        try:
            answer = await self._handle(request, scope, send)
        except Refusal as refusal:
            answer = refusal_answer(refusal, request)
            if isinstance(refusal, UpstreamRefusal):
                self._note(request, f"{refusal.service}: {refusal.code}")
        except ClientLeft:
            return
        except AnswerBrokeOff:
            self._note(request, "An answer broke off in the middle.")
            return
        except Exception:
            with within(request.trace):
                _log.exception("Unexpected failure")
            answer = refusal_answer(GatewayFault(), request)
        if answer is not None:
            await send_answer(answer, request, send)
        elapsed = time.monotonic() - request.started
        _seconds.record(elapsed, {"http.route": request.template, "http.response.status_code": request.status})

    def _note(self, request: Request, text: str) -> None:
        with within(request.trace):
            _log.warning(text, extra={"request_id": request.request_id, "route": request.template})

    async def _handle(self, request: Request, scope: Scope, send: Send) -> Answer | None:
        """The answer, or null if it was passed on as it came in."""
        parts = self._parts
        parts.intake.check(request, scope)
        if (early := parts.secure.redirect(request) or parts.cors.preflight(request)) is not None:
            return early
        match = parts.router.match(request.method, request.path)
        route = match.route
        request.template = route.template
        visit = await parts.admission.admit(request, match)
        if route.upstream is None:
            return await parts.handlers[route.handler](visit)
        if route.session != "none":
            return await parts.login.answer(visit)
        await parts.proxy.relay(request, match, visit.session, send)
        return None
