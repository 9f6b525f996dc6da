"""Errors as the API answers them: RFC 9457 problem documents that also carry the product's own members.

One table turns kinds of refusals into statuses; nothing internal ever shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from opentelemetry import trace

from shared.clock import utc_now
from shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

PROBLEM_JSON = "application/problem+json"

STATUS_OF_KIND: tuple[tuple[type[Refusal], int], ...] = (
    (Invalid, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Locked, 423),
    (TooManyRequests, 429),
    (Unavailable, 503),
    (Refusal, 400),
)

TITLES = {
    400: "Bad request",
    401: "Authentication required",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    413: "Content too large",
    414: "Address too long",
    415: "Unsupported media type",
    422: "Unprocessable",
    423: "Locked",
    429: "Too many requests",
    431: "Headers too large",
    500: "Internal error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}


def current_trace_id() -> str:
    """The trace that this code runs in, as 32 hex digits; empty outside of any trace."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""


def problem(
    status: int,
    code: str,
    error: str,
    *,
    field_errors: Mapping[str, Sequence[str]] | None = None,
    instance: str = "",
    extra: Mapping[str, Any] | None = None,
    trace_id: str | None = None,
) -> bytes:
    """A problem document as JSON bytes. `field_errors` maps field paths to sentences."""
    document: dict[str, Any] = {
        "type": f"urn:totetaxi:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": error,
        "instance": instance,
        "error": error,
        "error_code": code,
        "timestamp": utc_now(),
        "trace_id": current_trace_id() if trace_id is None else trace_id,
    }
    if field_errors:
        document["field_errors"] = field_errors
    return orjson.dumps({**(extra or {}), **document}, option=orjson.OPT_UTC_Z)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: that of its kind, or its own `status` when a class sets one."""
    own: int | None = getattr(refusal, "status", None)
    return own or next(status for kind, status in STATUS_OF_KIND if isinstance(refusal, kind))


def problem_of(refusal: Refusal, instance: str = "") -> tuple[int, bytes, dict[str, str]]:
    """(status, body, extra headers) of a refusal's answer."""
    status = status_of(refusal)
    body = problem(
        status,
        refusal.code,
        refusal.message,
        field_errors=refusal.field_errors if isinstance(refusal, Invalid) else None,
        instance=instance,
        extra=refusal.extra,
    )
    retry_after = getattr(refusal, "retry_after", None)
    return status, body, {"Retry-After": str(retry_after)} if retry_after is not None else {}
