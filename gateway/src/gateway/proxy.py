"""Passes a request on to the service that answers it, and the answer back."""

import asyncio
import logging
from collections.abc import Mapping

from gateway.answers import Answer, common_headers, send_answer
from gateway.body import Upload, read_in_time
from gateway.headers import to_client, to_service
from gateway.http1 import BrokenOff, Connection
from gateway.identity import Identity
from gateway.refusals import UpstreamBroken, UpstreamBusy, UpstreamRefusal, UpstreamUnavailable
from gateway.request import Request, Send
from gateway.route import BUDGET
from gateway.routing import Match
from gateway.sessions.content import SessionContent
from gateway.upstream import Call, Receiver, Upstream

_log = logging.getLogger(__name__)

WHOLE_ANSWER = 256 * 1024
LARGEST_ANSWER = 64 * 1024 * 1024
RETRIED_STATUSES = (502, 503)


class AnswerBrokeOff(Exception):
    """A service broke off in the middle of an answer whose start has been sent; only the connection can tell."""


class _IsStarting(Exception):
    """A service said that it does not answer yet."""


class Proxy:
    """Calls services as the gateway does for every route: identity, trace, deadline, one retry of reads."""

    def __init__(self, upstreams: Mapping[str, Upstream], identity: Identity) -> None:
        self._upstreams = upstreams
        self._identity = identity

    async def relay(self, request: Request, match: Match, session: SessionContent | None, send: Send) -> None:
        """Passes the service's answer to the client: small ones in one piece, others as they come."""
        public = match.route.public

        async def receive(response: Connection) -> Answer | None:
            body = await _read_small(response)
            if body is not None:
                return Answer(response.status, body, to_client(response.headers, public))
            await _stream(response, request, public, send)
            return None

        answer = await self._call(request, match, session, receive)
        if answer is not None:
            await send_answer(answer, request, send)

    async def fetch(self, request: Request, match: Match, session: SessionContent | None) -> Answer:
        """The service's whole answer, for routes whose answer the gateway changes."""

        async def receive(response: Connection) -> Answer | None:
            body = await _read_small(response)
            return None if body is None else Answer(response.status, body, to_client(response.headers, public=False))

        answer = await self._call(request, match, session, receive)
        if answer is None:
            raise UpstreamBroken(match.route.upstream or "")
        return answer

    async def tell(self, request: Request, session: SessionContent | None, service: str, path: str) -> None:
        """Has a service note what the gateway did by itself, which stays done if the service can't be asked."""
        authorization = self._identity.token(request, session, service)
        headers = to_service(request, authorization, request.remaining(BUDGET), webhook=False)
        call = Call("POST", path, headers, b"", request.started + BUDGET)

        async def receive(told: Connection) -> int:
            await told.read()
            return told.status

        try:
            status = await self._upstreams[service].ask(call, receive)
        except UpstreamRefusal as refusal:
            status = refusal.status
        if status >= 400:
            _log.warning("A service was not told.", extra={"service": service, "route": path, "status": status})

    async def _call(
        self, request: Request, match: Match, session: SessionContent | None, receive: Receiver[Answer | None]
    ) -> Answer | None:
        """Asks the route's service; reads are asked a second time if it can't be reached or is just starting."""
        call = await self._prepare(request, match, session)
        upstream = self._upstreams[match.route.upstream or ""]

        async def unless_starting(response: Connection) -> Answer | None:
            if response.status in RETRIED_STATUSES:
                raise _IsStarting()
            return await receive(response)

        if call.method == "GET":
            try:
                return await upstream.ask(call, unless_starting)
            except UpstreamBusy:
                raise
            except (UpstreamUnavailable, UpstreamBroken, _IsStarting):
                pass
        return await upstream.ask(call, receive)

    async def _prepare(self, request: Request, match: Match, session: SessionContent | None) -> Call:
        route = match.route
        body: bytes | Upload | None = None
        if route.kind == "upload":
            body = Upload(request, route.body_limit)
        elif not request.is_safe:
            body = await read_in_time(request, route.body_limit, route.budget)
        authorization = self._identity.token(request, session, route.upstream or "")
        remaining = request.remaining(route.budget)
        headers = to_service(request, authorization, remaining, route.kind == "webhook")
        target = f"{match.path}?{request.query.decode()}" if request.query else match.path
        # HEAD is a GET whose answer's body stays here, so services need no second method.
        method = "GET" if request.is_safe else request.method
        return Call(method, target, headers, body, request.started + route.budget)


async def _read_small(response: Connection) -> bytes | None:
    """The body if its declared length is small; null for one that has to be streamed."""
    if response.status in (204, 304):
        return b""
    if response.length is None or response.length > WHOLE_ANSWER:
        return None
    return await response.read()


async def _stream(response: Connection, request: Request, public: bool, send: Send) -> None:
    headers = [*to_client(response.headers, public), *common_headers(request)]
    if response.length is not None:
        headers.append((b"content-length", str(response.length).encode()))
    request.status = response.status
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    try:
        # The client may take its pieces slowly; the loop's own clock is the monotonic one.
        async with asyncio.timeout_at(response.deadline.until):
            size = 0
            async for chunk in response.stream():
                size += len(chunk)
                if size > LARGEST_ANSWER:
                    raise AnswerBrokeOff()
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except (BrokenOff, TimeoutError, asyncio.CancelledError) as error:
        raise AnswerBrokeOff() from error
    await send({"type": "http.response.body", "body": b""})
