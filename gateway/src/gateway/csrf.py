"""Proof that an unsafe request comes from our own page and not from another site that the user has open."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from gateway.refusals import CsrfFailed, NotJson, OriginNotAllowed
from gateway.request import Request

NONCE_BYTES = 16
_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})\Z")
_JSON = re.compile(r"application/json\s*(?:;\s*charset\s*=\s*\"?utf-?8\"?\s*)?\Z", re.IGNORECASE)


class Csrf:
    """Tokens are a nonce with its HMAC over the session, so one session's token is worth nothing to another."""

    def __init__(self, secret: str, trusted_origins: Iterable[str]) -> None:
        self._key = hashlib.sha256(b"csrf:" + secret.encode()).digest()
        self._trusted = frozenset(origin.rstrip("/").lower() for origin in trusted_origins)

    def new_token(self, session_key: str | None) -> str:
        """A token for a session, or for a visitor who has none yet."""
        nonce = secrets.token_hex(NONCE_BYTES)
        return f"{nonce}.{self._seal(nonce, session_key)}"

    def _seal(self, nonce: str, session_key: str | None) -> str:
        return hmac.new(self._key, f"{nonce}:{session_key or ''}".encode(), "sha256").hexdigest()

    def check_token(self, token: str, session_key: str | None) -> None:
        """Raises `CsrfFailed` unless the token was made for this session."""
        parts = _TOKEN.match(token)
        if parts is None or not hmac.compare_digest(parts[2], self._seal(parts[1], session_key)):
            raise CsrfFailed()

    def check_origin(self, request: Request) -> None:
        """Raises `OriginNotAllowed` when a browser says that another site's page sent this.

        A client that sends neither `Origin` nor `Sec-Fetch-Site` is no browser and holds no one else's cookies.
        """
        origin = request.header(b"origin").lower()
        if origin:
            if origin != f"{request.scheme}://{request.host}" and origin not in self._trusted:
                raise OriginNotAllowed()
        elif request.header(b"sec-fetch-site") in ("cross-site", "same-site"):
            raise OriginNotAllowed()


def check_json(request: Request) -> None:
    """Raises `NotJson` for a body of another type: forms of other sites can't send JSON."""
    has_body = b"transfer-encoding" in request.headers or request.header(b"content-length") not in ("", "0")
    content_type = request.header(b"content-type")
    if (has_body or content_type) and not _JSON.match(content_type):
        raise NotJson()
