"""Turns what arrived on a connection into a request, if its framing is sound."""

import re
from typing import Any

from gateway.client_ip import ClientAddress
from gateway.paths import check_length, check_query
from gateway.refusals import BadFraming, BadRequest, ExpectationFailed, HeadersTooLarge, InvalidHost
from gateway.request import Receive, Request, Scope, combine_headers, in_steps
from gateway.tracing import Trace, new_request_id

LARGEST_HEAD = 16 * 1024
INSIDE = (b"/health/", b"/internal/")
"""Asked by probes and services, which know the gateway by other names than its public ones."""

HEAD_BYTES = "gateway.head_bytes"
"""Where the server notes the size of a request's line and headers in the scope, unless they are small for sure."""

TARGET = "gateway.target"
"""Where the server notes the request line's target, as it came."""

IN_ONE_PIECE = "gateway.in_one_piece"
"""Where the server notes how it writes a whole answer to a request."""

_PORT = re.compile(r":[0-9]{0,5}\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{8,128}\Z")


class Intake:
    """Knows our own proxies and host names."""

    def __init__(self, addresses: ClientAddress, allowed_hosts: tuple[str, ...]) -> None:
        self._addresses = addresses
        self._any_host = "*" in allowed_hosts
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    def request(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], trace: Trace) -> Request:
        """The request, not yet checked."""
        peer: tuple[str, int] | None = scope["client"]
        address = peer[0] if peer else ""
        given_id = headers.get(b"x-request-id", b"").decode("latin-1")
        return Request(
            method=scope["method"],
            path=scope["raw_path"],
            query=scope["query_string"],
            headers=headers,
            client_ip=self._addresses.of(address, headers.get(b"x-forwarded-for", b"").decode("latin-1")),
            scheme=self._scheme(scope, headers, address),
            host=headers.get(b"host", b"").decode("latin-1").lower(),
            request_id=given_id if _REQUEST_ID.match(given_id) else new_request_id(),
            trace=trace,
            receive=receive,
            # Taken out, since it knows the scope: two that hold each other wait for the collector, which stops all.
            in_one_piece=scope.pop(IN_ONE_PIECE, in_steps),
        )

    def _scheme(self, scope: Scope, headers: dict[bytes, bytes], peer: str) -> str:
        told = headers.get(b"x-forwarded-proto")
        if told is not None and self._addresses.is_trusted(peer):
            # Only the last proxy before us is known to be ours.
            nearest = told.decode("latin-1").rpartition(",")[2].strip().lower()
            if nearest in ("http", "https"):
                return nearest
        return str(scope["scheme"])

    def check(self, request: Request, scope: Scope) -> None:
        """Raises a refusal for a request whose framing, host or address is not acceptable."""
        _check_framing(request.headers, scope)
        check_length(request.path, request.query)
        if request.query:
            check_query(request.query)
        if not self._any_host and not request.path.startswith(INSIDE) and not self._serves(request.host):
            raise InvalidHost()

    def _serves(self, host: str) -> bool:
        # What stands for a port may be an address that a redirect would lead to, as in `ours:@theirs`.
        return _PORT.sub("", host) in self._hosts


def _check_framing(headers: dict[bytes, bytes], scope: Scope) -> None:
    if scope.get(HEAD_BYTES, 0) > LARGEST_HEAD:
        raise HeadersTooLarge()
    if b"upgrade" in headers:
        raise BadFraming("Upgrade is not supported.")
    if b"expect" in headers:
        raise ExpectationFailed()
    coding = headers.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or b"content-length" in headers):
        raise BadFraming("The body's length is ambiguous.")
    target: Any = scope.get(TARGET, b"/")
    if not target.startswith(b"/"):
        raise BadRequest("The request must name a path.")
    if b"host" not in headers and scope["http_version"] != "1.0":
        raise BadRequest("The Host header is missing.")


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by lower-case name."""
    return combine_headers(scope["headers"])
