"""A request that has been let in."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from shared.errors import Forbidden, Unauthenticated

from gateway.answers import Answer
from gateway.request import Request
from gateway.routing import Match
from gateway.sessions.content import Kind, SessionContent


class Visit(NamedTuple):
    """A request with its route and whose it is.

    `session_key` is where the cookie's session would be kept; `session` is null when it has ended or never was, and
    `replaced` if a login has just put another in its place, whose cookie the browser may have by now.
    """

    request: Request
    match: Match
    session: SessionContent | None = None
    session_key: str | None = None
    replaced: bool = False

    def require_owner(self, kind: Kind) -> UUID:
        """The account of a session of this kind; raises `Unauthenticated` or `Forbidden`."""
        if self.session is None:
            raise Unauthenticated()
        if self.session.kind != kind:
            raise Forbidden()
        return self.session.account_id


Handler = Callable[[Visit], Awaitable[Answer]]
