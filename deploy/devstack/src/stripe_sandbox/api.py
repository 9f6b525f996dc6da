"""The road of one API call: key, faults, idempotency, one transaction, answer."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from .connection import CutConnection
from .errors import ApiError, Json
from .faults import Fault
from .idempotency import StoredAnswer, fingerprint
from .listing import expand
from .params import Params
from .sandbox import Sandbox
from .shapes import API_VERSION
from .work import Call, new_id

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
    "access-control-allow-headers": "*, Authorization",
    "access-control-expose-headers": "Request-Id, Stripe-Version, Idempotent-Replayed",
    "access-control-max-age": "600",
}

Handler = Callable[[Call], Json]


class Operation(NamedTuple):
    """One thing the API can do. `publishable`: whether a browser may ask for it with the publishable key."""

    method: str
    path: str
    handler: Handler
    publishable: bool = False


@dataclass
class Asked:
    """A request as it was read: its parameters and what its answer's headers repeat."""

    request: Request
    encoded: bytes
    request_id: str
    key: str | None

    @property
    def mark(self) -> str:
        return fingerprint(self.request.method, self.request.url.path, self.encoded)

    def answer(self, status: int, body: str, *, original: str | None = None, stored: bool = False) -> Response:
        headers = CORS | {
            "Request-Id": self.request_id,
            "Stripe-Version": self.request.headers.get("stripe-version", API_VERSION),
        }
        if self.key:
            headers |= {"Idempotency-Key": self.key, "Original-Request": original or self.request_id}
        if original:
            headers["Idempotent-Replayed"] = "true"
        if stored and status >= 500:
            # Asking again would only bring the same answer back.
            headers["Stripe-Should-Retry"] = "false"
        return Response(body, status, headers, media_type="application/json")

    def refusal(self, error: ApiError) -> Response:
        return self.answer(error.status, json.dumps(error.body(self.request_id)))


def endpoint(sandbox: Sandbox, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """The HTTP endpoint of an operation."""

    async def handle(request: Request) -> Response:
        encoded = await request.body() or request.url.query.encode()
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        asked = Asked(request, encoded, new_id("req"), key)
        sandbox.count(operation.method, operation.path)
        try:
            publishable = _authenticate(sandbox, operation, asked)
            with sandbox.keys.held(key):
                return await _answer(sandbox, operation, asked, publishable)
        except ApiError as error:
            return asked.refusal(error)

    return handle


async def _answer(sandbox: Sandbox, operation: Operation, asked: Asked, publishable: bool) -> Response:
    era, faults = sandbox.era, sandbox.faults.pick(asked.request.method, asked.request.url.path)
    before = [fault for fault in faults if fault.when == "before"]
    after = [fault for fault in faults if fault.when == "after"]
    if await _disturb(before) or sandbox.era != era:
        return CutConnection()
    known = sandbox.keys.find(asked.key, asked.mark, time.time()) if asked.key else None
    if known:
        response = asked.answer(known.status, known.body, original=known.request_id, stored=True)
    else:
        response = _perform(sandbox, operation, asked, publishable, _status_of(before), _status_of(after))
    if await _disturb(after):
        return CutConnection()
    return response


async def _disturb(faults: list[Fault]) -> bool:
    """Wait as told; True if the connection is to be cut then."""
    await asyncio.sleep(sum(fault.latency_ms for fault in faults if fault.kind == "latency") / 1000)
    return any(fault.kind == "reset" for fault in faults)


def _status_of(faults: list[Fault]) -> ApiError | None:
    return next((fault.error() for fault in faults if fault.kind == "status"), None)


def _perform(
    sandbox: Sandbox,
    operation: Operation,
    asked: Asked,
    publishable: bool,
    instead: ApiError | None,
    afterwards: ApiError | None,
) -> Response:
    """Carry the call out and keep its answer in one transaction; `instead` and `afterwards` are faults."""
    with sandbox.store.transaction():
        error, body = (instead, "") if instead else _carry_out(sandbox, operation, asked, publishable)
        told = afterwards or error
        true = (error.status, json.dumps(error.body(asked.request_id))) if error else (200, body)
        shown = (told.status, json.dumps(told.body(asked.request_id))) if told else true
        kept = shown if told and told.stored else true
        stored = asked.key is not None and (error is None or error.stored)
        if asked.key and stored:
            sandbox.keys.keep(asked.key, asked.mark, StoredAnswer(asked.request_id, *kept), time.time())
    sandbox.wake()
    return asked.answer(*shown, stored=stored)


def _carry_out(sandbox: Sandbox, operation: Operation, asked: Asked, publishable: bool) -> tuple[ApiError | None, str]:
    """The refusal, or the answer's body; what a refused call wrote is undone unless the refusal keeps it."""
    try:
        with sandbox.store.savepoint(ApiError):
            work = sandbox.open_work(asked.request_id, asked.key)
            params = Params.parse(asked.encoded)
            call = Call(work, params, asked.request.url.path, publishable, dict(asked.request.path_params))
            return None, json.dumps(expand(work, operation.handler(call), params.strings("expand")))
    except ApiError as error:
        return error, ""


def _authenticate(sandbox: Sandbox, operation: Operation, asked: Asked) -> bool:
    """Whether the publishable key was given; raises ApiError (401, 403) for a wrong key or one that may not."""
    given = _given_key(asked)
    if given == sandbox.settings.secret_key:
        return False
    if given != sandbox.settings.publishable_key:
        shown = f"{given[:8]}***{given[-4:]}" if given else "none"
        raise ApiError(401, "invalid_request_error", f"Invalid API Key provided: {shown}", stored=False)
    if not operation.publishable:
        message = "This API call cannot be made with a publishable API key. Please use a secret API key."
        raise ApiError(403, "invalid_request_error", message, code="secret_key_required", stored=False)
    return True


def _given_key(asked: Asked) -> str:
    scheme, _, credentials = asked.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except ValueError:
            return ""
    # Stripe.js sends its key among the form's fields, which spares the browser a preflight.
    return Params.parse(asked.encoded).text("key") or ""
