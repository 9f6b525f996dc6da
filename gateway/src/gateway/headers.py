"""Which headers pass, in each direction. What is not named here does not."""

from collections.abc import Iterable

from gateway.request import RawHeaders, Request

_TO_SERVICES = {
    b"accept": "Accept",
    b"accept-language": "Accept-Language",
    b"content-type": "Content-Type",
    b"if-none-match": "If-None-Match",
    b"idempotency-key": "Idempotency-Key",
    b"user-agent": "User-Agent",
}
_TO_WEBHOOKS = {b"content-type": "Content-Type", b"user-agent": "User-Agent", b"stripe-signature": "Stripe-Signature"}
_TO_CLIENTS = frozenset(
    {
        b"allow",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-security-policy",
        b"content-type",
        b"etag",
        b"idempotency-replayed",
        b"last-modified",
        b"link",
        b"location",
        b"referrer-policy",
        b"retry-after",
        b"vary",
        b"www-authenticate",
    }
)


def to_service(request: Request, authorization: bytes, remaining_seconds: float, webhook: bool) -> dict[str, str]:
    """The headers that a service gets: a few of the client's, and ours. Cookies never travel on."""
    named = request.header(b"connection").lower()
    allowed = _TO_WEBHOOKS if webhook else _TO_SERVICES
    headers = {
        ours: request.headers[name].decode("latin-1")
        for name, ours in allowed.items()
        if name in request.headers and not (named and name.decode() in named)
    }
    headers["Authorization"] = authorization.decode()
    headers["X-Request-ID"] = request.request_id
    headers["traceparent"] = request.trace.traceparent
    headers["X-Request-Deadline-Ms"] = str(int(remaining_seconds * 1000))
    return headers


def to_client(raw: Iterable[tuple[bytes, bytes]], public: bool) -> RawHeaders:
    """The headers (names in small letters) of an answer that the client gets; what is not public is never stored."""
    passed: RawHeaders = []
    for header in raw:
        name, value = header
        if name not in _TO_CLIENTS or (name == b"cache-control" and not public):
            continue
        # A full address would tell where the service itself is.
        if name == b"location" and (not value.startswith(b"/") or value.startswith(b"//")):
            continue
        passed.append(header)
    if not public:
        passed.append((b"cache-control", b"no-store"))
    return passed
