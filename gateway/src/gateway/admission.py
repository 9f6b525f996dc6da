"""Decides whether a request is let in: its session, its limits, and proof that our own page sent it."""

from gateway.body import await_body
from gateway.csrf import Csrf, check_json
from gateway.gate import Gate, Verdict
from gateway.rate_limit.limits import limit_headers, limit_key
from gateway.refusals import CsrfFailed, LimitReached
from gateway.request import Request
from gateway.routing import Match
from gateway.sessions.cookies import SESSION_COOKIE, Cookies, read_cookie
from gateway.sessions.store import session_key
from gateway.visit import Visit


class Admission:
    """One question to the store at most, and none for visitors without a session on routes without limits."""

    def __init__(self, gate: Gate, csrf: Csrf, cookies: Cookies) -> None:
        self._gate = gate
        self._csrf = csrf
        self._cookies = cookies

    async def admit(self, request: Request, match: Match) -> Visit:
        """The visit.

        Raises what `await_body` does, `SessionsUnavailable`, `LimitReached`, `CsrfFailed`, `OriginNotAllowed`,
        `NotJson`, `Unauthenticated` or `Forbidden`.
        """
        route = match.route
        cookie = None
        if route.carries_session and b"cookie" in request.headers:
            cookie = read_cookie(request.header(b"cookie"), SESSION_COOKIE)
        key = session_key(cookie) if cookie else None
        if key is not None and not request.is_safe and route.kind == "json":
            # Whoever holds back the end of a body must not act later by a session that has ended meanwhile.
            await await_body(request, route.body_limit, route.budget)
        limits = [(limit, limit_key(limit, f"{route.method} {route.template}", request)) for limit in route.limits]
        verdict = await self._gate.ask(key, limits, request.client_ip, route.session == "opens")
        if verdict.limits:
            request.answer_headers += limit_headers(verdict.limits)
        if not verdict.allowed:
            raise LimitReached(max(state.reset_seconds for state in verdict.limits if state.remaining <= 0))
        if not request.is_safe and route.kind != "webhook":
            self._csrf.check_origin(request)
            if route.kind == "json":
                check_json(request)
            if cookie is not None:
                self._check_token(request, key, verdict)
        visit = Visit(request, match, verdict.session, key, verdict.replaced)
        if route.only is not None:
            visit.require_owner(route.only)
        return visit

    def _check_token(self, request: Request, key: str | None, verdict: Verdict) -> None:
        """Raises `CsrfFailed`; a cookie that opens nothing any more goes with it, and the next try needs no token.

        Unless a login has just replaced its session: by the time of this answer the browser may have the new cookies.
        """
        try:
            self._csrf.check_token(request.header(b"x-csrftoken"), key)
        except CsrfFailed:
            if verdict.session is None and not verdict.replaced:
                request.answer_headers += self._cookies.cleared()
            raise
