"""What people and services may do with sessions: see their own, end them, get a CSRF token."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from shared.errors import Forbidden, Invalid, NotFound, Unauthenticated
from shared.http.identity import TokenVerifier

from gateway.answers import Answer, json_answer
from gateway.body import read_body
from gateway.csrf import Csrf
from gateway.sessions.content import Kind
from gateway.sessions.cookies import Cookies
from gateway.sessions.store import LIFETIMES, ListedSession, Sessions
from gateway.visit import Handler, Visit

MAY_END_SESSIONS = "customers"
VISITOR_TOKEN_SECONDS = 24 * 3600


class EndSessions(BaseModel):
    """Which account's sessions end: those of a lower access version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: UUID
    access_version: int = Field(ge=1)


class SessionEndpoints:
    """Answers from the session store alone."""

    def __init__(self, sessions: Sessions, csrf: Csrf, cookies: Cookies, verifier: TokenVerifier) -> None:
        self._sessions = sessions
        self._csrf = csrf
        self._cookies = cookies
        self._verifier = verifier

    def handlers(self) -> dict[str, Handler]:
        """The answers by the names that the route table uses."""
        named: dict[str, Handler] = {
            "csrf_token": self.csrf_token,
            "end_account_sessions": self.end_account_sessions,
        }
        kinds: tuple[Kind, Kind] = ("customer", "staff")
        for kind in kinds:
            named |= self._handlers_of(kind)
        return named

    def _handlers_of(self, kind: Kind) -> dict[str, Handler]:
        async def list_all(visit: Visit) -> Answer:
            return await self._list(visit, kind)

        async def end_all(visit: Visit) -> Answer:
            ended = await self._sessions.end_all(visit.require_owner(kind))
            return json_answer({"message": "Logged out everywhere.", "ended": ended}, headers=self._cookies.cleared())

        async def end_one(visit: Visit) -> Answer:
            return await self._end_one(visit, kind)

        return {f"list_{kind}_sessions": list_all, f"end_{kind}_sessions": end_all, f"end_{kind}_session": end_one}

    async def csrf_token(self, visit: Visit) -> Answer:
        """A token for the session, or one for a visitor; a session cookie that has ended is taken away."""
        if visit.session is None:
            token = self._csrf.new_token(None)
            gone = self._cookies.cleared()[:1] if visit.session_key else []
            headers = [*gone, *self._cookies.csrf(token, VISITOR_TOKEN_SECONDS)]
        else:
            token = self._csrf.new_token(visit.session_key)
            headers = self._cookies.csrf(token, LIFETIMES[visit.session.kind][1] // 1000)
        return json_answer({"csrf_token": token}, headers=headers)

    async def _list(self, visit: Visit, kind: Kind) -> Answer:
        sessions = await self._sessions.of_account(visit.require_owner(kind))
        current = visit.session.sid if visit.session else ""
        return json_answer(_page(sessions, current))

    async def _end_one(self, visit: Visit, kind: Kind) -> Answer:
        sid = visit.match.parameters["id"]
        if not await self._sessions.end_one(visit.require_owner(kind), sid):
            raise NotFound()
        is_own = visit.session is not None and visit.session.sid == sid
        return json_answer({"message": "The session has ended."}, headers=self._cookies.cleared() if is_own else ())

    async def end_account_sessions(self, visit: Visit) -> Answer:
        """For the customers service: an account's access changed, so its sessions of before end."""
        scheme, _, token = visit.request.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated()
        if self._verifier.verify(token).require_service() != MAY_END_SESSIONS:
            raise Forbidden()
        body = await read_body(visit.request, visit.match.route.body_limit)
        try:
            wanted = EndSessions.model_validate_json(body)
        except ValidationError as error:
            raise Invalid({_field(detail["loc"]): [detail["msg"]] for detail in error.errors()}) from error
        return json_answer({"ended": await self._sessions.end_earlier(wanted.account_id, wanted.access_version)})


def _field(location: Sequence[int | str]) -> str:
    return ".".join(map(str, location)) or "body"


def _page(sessions: Sequence[ListedSession], current: str) -> dict[str, object]:
    results = [{**asdict(session), "current": session.id == current} for session in sessions]
    return {"results": results, "count": len(results), "next": None, "previous": None}
