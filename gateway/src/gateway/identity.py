"""Tokens that tell services who is calling."""

import time
from collections import OrderedDict
from dataclasses import replace

from shared.http.identity import GATEWAY, Caller, TokenIssuer

from gateway.request import Request
from gateway.sessions.content import SessionContent

REUSED_SECONDS = 30.0
MOST_TOKENS = 8192

_Key = tuple[bytes, str, str, str, str]


class Identity:
    """A token lives for 60 s and is used again for 30 s for the same session's content, address and browser."""

    def __init__(self, private_key: str) -> None:
        self._issuer = TokenIssuer(GATEWAY, private_key)
        self._tokens: OrderedDict[_Key, tuple[float, bytes]] = OrderedDict()

    def token(self, request: Request, session: SessionContent | None, audience: str) -> bytes:
        """The `Authorization` value by which `audience` knows who sent `request`."""
        agent = request.user_agent
        content, sid = (session.raw, session.sid) if session else (b"", "")
        key = (content, sid, request.client_ip, agent, audience)
        known = self._tokens.get(key)
        now = time.monotonic()
        if known is not None and known[0] > now:
            return known[1]
        owner = session.owner if session else Caller()
        issued = self._issuer.issue(replace(owner, ip=request.client_ip, ua=agent), audience)
        value = b"Bearer " + issued.encode()
        self._tokens[key] = (now + REUSED_SECONDS, value)
        self._tokens.move_to_end(key)
        if len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)
        return value
