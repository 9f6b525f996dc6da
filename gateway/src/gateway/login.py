"""Opens a session when the customers service says that a login succeeded, and ends it at logout."""

from typing import Any

import orjson
from shared.ids import new_id

from gateway.answers import Answer, json_answer
from gateway.csrf import Csrf
from gateway.proxy import Proxy
from gateway.refusals import GatewayRefusal, UpstreamBroken, UpstreamRefusal
from gateway.sessions.content import SessionContent, new_content
from gateway.sessions.cookies import Cookies
from gateway.sessions.store import LIFETIMES, AccessChanged, Login, Sessions
from gateway.visit import Visit


class LoginOvertaken(GatewayRefusal):
    """The account's access changed while it logged in."""

    status = 503
    code = "login_interrupted"
    message = "Your account has just been changed. Please log in again."
    retry_after = 1


class LoginDesk:
    """What login, registration and logout add to the customers service's answers."""

    def __init__(self, proxy: Proxy, sessions: Sessions, csrf: Csrf, cookies: Cookies) -> None:
        self._proxy = proxy
        self._sessions = sessions
        self._csrf = csrf
        self._cookies = cookies

    async def open(self, visit: Visit) -> Answer:
        """The service's answer; if it vouches for an account, with a fresh session in place of an older one."""
        answer = await self._proxy.fetch(visit.request, visit.match, None)
        vouched = _vouched_session(answer)
        if vouched is None:
            return answer
        body, session = vouched
        try:
            content = new_content(session, new_id())
        except (KeyError, TypeError, ValueError) as error:
            raise UpstreamBroken(visit.match.route.upstream or "") from error
        return await self._with_session(visit, answer, body, content)

    async def _with_session(
        self, visit: Visit, answer: Answer, body: dict[str, Any], content: SessionContent
    ) -> Answer:
        login = Login(visit.request.client_ip, visit.request.user_agent, visit.now_ms, visit.session_key)
        try:
            token, key = await self._sessions.create(content, login)
        except AccessChanged as error:
            raise LoginOvertaken() from error
        csrf_token = self._csrf.new_token(key)
        cookies = self._cookies.opened(token, csrf_token, LIFETIMES[content.kind][1] // 1000)
        return Answer(answer.status, orjson.dumps({**body, "csrf_token": csrf_token}), [*answer.headers, *cookies])

    async def close(self, visit: Visit) -> Answer:
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


def _logged_out() -> Answer:
    return json_answer({"message": "Logged out."})


def _vouched_session(answer: Answer) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The answer's members without `session`, and that one; null if there is none."""
    if not 200 <= answer.status < 300:
        return None
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    session = body.pop("session", None) if isinstance(body, dict) else None
    return (body, session) if session else None
