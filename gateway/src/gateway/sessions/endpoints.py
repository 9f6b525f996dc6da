"""What people and services may do with sessions: see their own, end them, get a CSRF token."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from shared.errors import Invalid, NotFound, Unauthenticated
from shared.http.identity import TokenVerifier

from gateway.answers import Answer, json_answer
from gateway.body import read_in_time
from gateway.csrf import Csrf
from gateway.proxy import Proxy
from gateway.sessions.content import Kind, vouched_account
from gateway.sessions.cookies import Cookies
from gateway.sessions.store import LIFETIMES, ListedSession, Sessions
from gateway.visit import Handler, Visit

KEEPS_ACCOUNTS = "customers"
STAFF_LOGOUT = "/api/staff/auth/logout/"
FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded")
"""What comes through a proxy was sent from outside."""
VISITOR_TOKEN_SECONDS = 24 * 3600


_Asked = TypeVar("_Asked", bound=BaseModel)


class EndSessions(BaseModel):
    """Which account's sessions end: those of a lower access version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: UUID
    access_version: int = Field(ge=1)


class RefreshSessions(BaseModel):
    """What an account has become: the same member as at a login."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: dict[str, Any]


class SessionEndpoints:
    """Answers from the session store alone."""

    def __init__(self, sessions: Sessions, csrf: Csrf, cookies: Cookies, verifier: TokenVerifier, proxy: Proxy) -> None:
        self._sessions = sessions
        self._csrf = csrf
        self._cookies = cookies
        self._verifier = verifier
        self._proxy = proxy

    def handlers(self) -> dict[str, Handler]:
        """The answers by the names that the route table uses."""
        named: dict[str, Handler] = {
            "csrf_token": self.csrf_token,
            "end_account_sessions": self.end_account_sessions,
            "refresh_account_sessions": self.refresh_account_sessions,
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
            await self._note_logout(visit, kind)
            return json_answer({"message": "Logged out everywhere.", "ended": ended}, headers=self._cookies.cleared())

        async def end_one(visit: Visit) -> Answer:
            return await self._end_one(visit, kind)

        return {f"list_{kind}_sessions": list_all, f"end_{kind}_sessions": end_all, f"end_{kind}_session": end_one}

    async def csrf_token(self, visit: Visit) -> Answer:
        """A token for the session, or one for a visitor; a session cookie that has ended is taken away.

        Not if a login has just replaced its session: the browser may have that one's cookies when this answer comes.
        """
        if visit.session is not None:
            token = self._csrf.new_token(visit.session_key)
            headers = self._cookies.csrf(token, LIFETIMES[visit.session.kind][1] // 1000)
        elif visit.replaced:
            token, headers = self._csrf.new_token(visit.session_key), []
        else:
            token = self._csrf.new_token(None)
            gone = self._cookies.cleared()[:1] if visit.session_key else []
            headers = [*gone, *self._cookies.csrf(token, VISITOR_TOKEN_SECONDS)]
        return json_answer({"csrf_token": token}, headers=headers)

    async def _list(self, visit: Visit, kind: Kind) -> Answer:
        sessions = await self._sessions.of_account(visit.require_owner(kind))
        current = visit.session.sid if visit.session else ""
        return json_answer(_page(sessions, current))

    async def _end_one(self, visit: Visit, kind: Kind) -> Answer:
        sid = visit.match.parameters["id"]
        if not await self._sessions.end_one(visit.require_owner(kind), sid):
            raise NotFound()
        await self._note_logout(visit, kind)
        is_own = visit.session is not None and visit.session.sid == sid
        return json_answer({"message": "The session has ended."}, headers=self._cookies.cleared() if is_own else ())

    async def _note_logout(self, visit: Visit, kind: Kind) -> None:
        """What staff do is in the audit log, logging out by another way than the usual one too."""
        if kind == "staff":
            await self._proxy.tell(visit.request, visit.session, KEEPS_ACCOUNTS, STAFF_LOGOUT)

    async def end_account_sessions(self, visit: Visit) -> Answer:
        """For the customers service: an account's access changed, so its sessions of before end."""
        wanted = await self._asked(visit, EndSessions)
        return json_answer({"ended": await self._sessions.end_earlier(wanted.account_id, wanted.access_version)})

    async def refresh_account_sessions(self, visit: Visit) -> Answer:
        """For the customers service: somebody has another name or phone, and all their sessions say so from now on."""
        wanted = await self._asked(visit, RefreshSessions)
        try:
            account = vouched_account(wanted.session)
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid({"session": ["This is no account."]}) from error
        await self._sessions.refresh(account)
        return json_answer({"refreshed": True})

    async def _asked(self, visit: Visit, what: type[_Asked]) -> _Asked:
        """What the service that keeps accounts asks for; raises `NotFound` for callers from outside."""
        request = visit.request
        if any(name in request.headers for name in FORWARDED):
            raise NotFound()
        scheme, _, token = request.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated()
        self._verifier.verify(token).require_service(KEEPS_ACCOUNTS)
        body = await read_in_time(request, visit.match.route.body_limit, visit.match.route.budget)
        try:
            return what.model_validate_json(body)
        except ValidationError as error:
            raise Invalid({_field(detail["loc"]): [detail["msg"]] for detail in error.errors()}) from error


def _field(location: Sequence[int | str]) -> str:
    return ".".join(map(str, location)) or "body"


def _page(sessions: Sequence[ListedSession], current: str) -> dict[str, object]:
    results = [{**asdict(session), "current": session.id == current} for session in sessions]
    return {"results": results, "count": len(results), "next": None, "previous": None}
