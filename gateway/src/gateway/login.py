"""Opens, renews, refreshes and ends sessions as the customers service says what became of an account."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import orjson

from gateway.answers import Answer, json_answer
from gateway.csrf import Csrf
from gateway.proxy import Proxy
from gateway.refusals import GatewayRefusal, SessionsUnavailable, UpstreamBroken, UpstreamRefusal
from gateway.sessions.content import Vouched, vouched_account
from gateway.sessions.cookies import Cookies
from gateway.sessions.store import LIFETIMES, AccessChanged, Login, Sessions
from gateway.visit import Visit

_log = logging.getLogger(__name__)


class LoginOvertaken(GatewayRefusal):
    """The account's access changed while it logged in."""

    status = 503
    code = "login_interrupted"
    message = "Your account has just been changed. Please log in again."
    retry_after = 1


class LoginDesk:
    """What login, registration, logout and changes of the own account add to the customers service's answers."""

    def __init__(self, proxy: Proxy, sessions: Sessions, csrf: Csrf, cookies: Cookies) -> None:
        self._proxy = proxy
        self._sessions = sessions
        self._csrf = csrf
        self._cookies = cookies
        self._effects: Mapping[str, Callable[[Visit], Awaitable[Answer]]] = {
            "opens": self._open,
            "renews": self._renew,
            "refreshes": self._refresh,
            "closes": self._close,
            "ends": self._end,
            "shuts_out": self._shut_out,
        }

    async def answer(self, visit: Visit) -> Answer:
        """The service's answer, with its route's effect on the session; `session` never gets to the client."""
        return await self._effects[visit.match.route.session](visit)

    async def _open(self, visit: Visit) -> Answer:
        """If the service vouches for an account, a fresh session in place of an older one."""
        answer = await self._proxy.fetch(visit.request, visit.match, None)
        if (vouched := _vouched(visit, answer)) is None:
            return answer
        body, account = vouched
        return await self._with_session(visit, answer, body, account)

    async def _renew(self, visit: Visit) -> Answer:
        """A fresh session in place of all that the account had, at once and not only when the event comes."""
        answer = await self._proxy.fetch(visit.request, visit.match, visit.session)
        if (vouched := _vouched(visit, answer, own=True)) is None:
            return answer
        body, account = vouched
        await self._sessions.end_earlier(account.account_id, account.access_version)
        return await self._with_session(visit, answer, body, account)

    async def _with_session(self, visit: Visit, answer: Answer, body: dict[str, Any], account: Vouched) -> Answer:
        login = Login(visit.request.client_ip, visit.request.user_agent, visit.session_key)
        try:
            token, key = await self._sessions.create(account, login)
        except AccessChanged as error:
            raise LoginOvertaken() from error
        csrf_token = self._csrf.new_token(key)
        cookies = self._cookies.opened(token, csrf_token, LIFETIMES[account.kind][1] // 1000)
        return Answer(answer.status, orjson.dumps({**body, "csrf_token": csrf_token}), [*answer.headers, *cookies])

    async def _refresh(self, visit: Visit) -> Answer:
        """The account's sessions say from now on what it has become; they stay the same sessions."""
        answer = await self._proxy.fetch(visit.request, visit.match, visit.session)
        if (vouched := _vouched(visit, answer, own=True)) is None:
            return answer
        body, account = vouched
        await self._sessions.refresh(account)
        return Answer(answer.status, orjson.dumps(body), answer.headers)

    async def _close(self, visit: Visit) -> Answer:
        """Logs out, also when the service that keeps the audit is down."""
        try:
            answer = await self._proxy.fetch(visit.request, visit.match, visit.session)
        except UpstreamRefusal:
            answer = _logged_out()
        if answer.status >= 500:
            answer = _logged_out()
        if answer.status < 400 or answer.status == 401:
            if visit.session_key is not None:
                await self._sessions.end(visit.session_key)
            answer.headers += self._cookies.cleared()
        return answer

    async def _end(self, visit: Visit) -> Answer:
        """Whoever is forgotten is logged out everywhere, at once and not only when the service asks for it."""
        answer = await self._proxy.fetch(visit.request, visit.match, visit.session)
        if 200 <= answer.status < 300 and visit.session is not None:
            await self._sessions.end_all(visit.session.account_id)
            answer.headers += self._cookies.cleared()
        return answer

    async def _shut_out(self, visit: Visit) -> Answer:
        """Whoever is to be out is out with the answer.

        The service asks for it once more by itself until it is done, so a store that is away undoes nothing.
        """
        answer = await self._proxy.fetch(visit.request, visit.match, visit.session)
        if (found := _taken_out(answer, "shut_out")) is None:
            return answer
        body, named = found
        try:
            await self._sessions.end_earlier(UUID(named["account_id"]), int(named["access_version"]))
        except SessionsUnavailable:
            _log.warning("Sessions end later: the store is away.")
        return Answer(answer.status, orjson.dumps(body), answer.headers)


def _logged_out() -> Answer:
    return json_answer({"message": "Logged out."})


def _taken_out(answer: Answer, name: str) -> tuple[dict[str, Any], Any] | None:
    """The members of a success without the one of this name, and that one; null if there is none."""
    if not 200 <= answer.status < 300:
        return None
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    member = body.pop(name, None) if isinstance(body, dict) else None
    return (body, member) if member else None


def _vouched(visit: Visit, answer: Answer, own: bool = False) -> tuple[dict[str, Any], Vouched] | None:
    """The answer's members without `session`, and the account in that one; null if there is none.

    Raises `UpstreamBroken` if it is no account or, when it must be the visitor's `own`, another one.
    """
    if (found := _taken_out(answer, "session")) is None:
        return None
    body, session = found
    try:
        account = vouched_account(session)
    except (KeyError, TypeError, ValueError) as error:
        raise UpstreamBroken(visit.match.route.upstream or "") from error
    if own and (visit.session is None or visit.session.account_id != account.account_id):
        raise UpstreamBroken(visit.match.route.upstream or "")
    return body, account
