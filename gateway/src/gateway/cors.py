"""Which other origins' scripts may read our answers: exact ones, with cookies, never `null`."""

from collections.abc import Iterable

from gateway.answers import Answer
from gateway.request import RawHeaders, Request

EXPOSED = (
    "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-ID, Idempotency-Replayed, "
    "Content-Disposition"
)
ADMITTED = (
    "Accept, Accept-Encoding, Authorization, Content-Type, DNT, Origin, User-Agent, X-Requested-With, "
    "Idempotency-Key, If-None-Match, X-CSRFToken, X-Request-ID, traceparent"
)
"""What we read, and what frontends' libraries send unasked: a name that is missing here fails the whole request."""
METHODS = "GET, HEAD, POST, PUT, DELETE"
PREFLIGHT_KEPT_SECONDS = "600"


class Cors:
    """Allows the origins that the settings name."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.rstrip("/").encode() for origin in origins if origin != "null")

    def headers(self, request: Request) -> RawHeaders:
        """What every answer to this request carries because of its origin."""
        if not self._origins:
            return []
        origin = request.headers.get(b"origin")
        if origin not in self._origins or origin is None:
            return [(b"vary", b"Origin")]
        return [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", EXPOSED.encode()),
        ]

    def preflight(self, request: Request) -> Answer | None:
        """The answer to a browser that asks whether it may send a request; null if this is no such question."""
        if request.method != "OPTIONS" or b"access-control-request-method" not in request.headers:
            return None
        if request.headers.get(b"origin") not in self._origins:
            return Answer(204)
        allowed = {
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": ADMITTED,
            "access-control-max-age": PREFLIGHT_KEPT_SECONDS,
        }
        return Answer(204, headers=[(name.encode(), value.encode()) for name, value in allowed.items()])
