"""HTTPS outside development: plain requests are sent to the safe address, and browsers told to stay there."""

from gateway.answers import Answer
from gateway.request import RawHeaders, Request

HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecureTransport:
    """Believes only what our own proxies say about how the client came."""

    def __init__(self, required: bool) -> None:
        self._required = required

    def redirect(self, request: Request) -> Answer | None:
        """Where a plain request has to go; null if it came safely, or past the proxies as health checks do."""
        if not self._required or request.scheme == "https" or b"x-forwarded-proto" not in request.headers:
            return None
        query = b"?" + request.query if request.query else b""
        location = b"https://" + request.host.encode("latin-1") + request.path + query
        return Answer(301 if request.is_safe else 308, headers=[(b"location", location)])

    def headers(self, request: Request) -> RawHeaders:
        """What safe answers carry."""
        return [HSTS] if self._required and request.scheme == "https" else []
