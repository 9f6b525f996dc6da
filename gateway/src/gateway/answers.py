"""Answers on their way out: common headers, JSON, problems, cookies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from shared.errors import Refusal
from shared.http.problems import PROBLEM_JSON, problem_of

from gateway.refusals import GatewayRefusal
from gateway.request import RawHeaders, Request, Send
from gateway.tracing import within

JSON = "application/json"
NO_STORE = (b"cache-control", b"no-store")
CLOSES = (b"connection", b"close")
NOSNIFF = (b"x-content-type-options", b"nosniff")


@dataclass(slots=True)
class Answer:
    """A whole answer. Header names are lower-case."""

    status: int
    body: bytes = b""
    headers: RawHeaders = field(default_factory=list)


def json_answer(content: Any, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> Answer:
    """`content` as JSON, not to be stored by anyone."""
    kind = (b"content-type", JSON.encode())
    return Answer(status, orjson.dumps(content, option=orjson.OPT_UTC_Z), [kind, NO_STORE, *headers])


def file_answer(body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One of our own files."""
    pairs = {"content-type": media_type, **(headers or {})}
    return Answer(200, body, [(name.encode(), value.encode()) for name, value in pairs.items()])


def refusal_answer(refusal: Refusal, request: Request) -> Answer:
    """The problem document of a refusal."""
    with within(request.trace):
        status, body, extra = problem_of(refusal, request.path.decode("ascii", "replace"))
    extra |= getattr(refusal, "headers", {})
    headers = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
    if isinstance(refusal, GatewayRefusal) and refusal.closes:
        headers.append(CLOSES)
    return Answer(status, body, [(b"content-type", PROBLEM_JSON.encode()), NO_STORE, *headers])


def common_headers(request: Request) -> RawHeaders:
    """What every answer carries."""
    return [
        (b"x-request-id", request.request_id.encode()),
        (b"traceparent", request.trace.traceparent.encode()),
        NOSNIFF,
        *request.answer_headers,
    ]


async def send_answer(answer: Answer, request: Request, send: Send) -> None:
    """Sends a whole answer; one to HEAD keeps its headers and loses its body."""
    headers = [*answer.headers, *common_headers(request)]
    if answer.status != 304 and answer.status != 204:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    request.status = answer.status
    if request.in_one_piece(answer.status, headers, answer.body):
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
