"""Asks the store about a request, once: the session's content and the limits together."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from shared.telemetry import meter

from gateway.rate_limit.limits import Limit, LimitState
from gateway.rate_limit.local import LocalLimits
from gateway.refusals import SessionsUnavailable
from gateway.sessions.content import SessionContent
from gateway.valkey import Script, StoreUnavailable, Valkey

TOUCH_AFTER_MS = 60_000

_SCRIPT = Script((Path(__file__).parent / "gate.lua").read_text())
_log = logging.getLogger(__name__)
_fallbacks = meter.create_counter(
    "gateway.limits.fallback", description="Requests limited by this process alone, because the store was away."
)

Limits = Sequence[tuple[Limit, str]]


class Verdict(NamedTuple):
    """What the store says of a request. `replaced` if a login has just put another session in place of its own."""

    session: SessionContent | None = None
    replaced: bool = False
    allowed: bool = True
    limits: Sequence[LimitState] = ()


class Gate:
    """Sessions and limits in one question; limits fall back to this process when the store is away."""

    def __init__(self, valkey: Valkey, limits_enabled: bool) -> None:
        self._valkey = valkey
        self._limits_enabled = limits_enabled
        self._local = LocalLimits()

    async def ask(self, session_key: str | None, limits: Limits, client_ip: str, opens_session: bool) -> Verdict:
        """The verdict on a request.

        Raises `SessionsUnavailable` if the store is away and the request has a session or is to get one.
        """
        limits = limits if self._limits_enabled else ()
        if session_key is None and not limits and not opens_session:
            return Verdict()
        try:
            return await self._ask_store(session_key, limits, client_ip)
        except StoreUnavailable as error:
            if session_key is not None or opens_session:
                raise SessionsUnavailable() from error
        _fallbacks.add(1)
        _log.warning("The store is away; limits are counted by this process alone.")
        allowed, states = self._local.ask(limits)
        return Verdict(allowed=allowed, limits=states)

    async def _ask_store(self, session_key: str | None, limits: Limits, client_ip: str) -> Verdict:
        keys = [] if session_key is None else [session_key]
        arguments: list[str | bytes | int] = ["0" if session_key is None else "1", TOUCH_AFTER_MS, client_ip]
        for limit, key in limits:
            keys.append(key)
            arguments += (limit.count, limit.window * 1000)
        content, sid, replaced, allowed, *figures = await self._valkey.run(_SCRIPT, keys, arguments)
        states = [LimitState(limit, figures[2 * at], figures[2 * at + 1]) for at, (limit, _) in enumerate(limits)]
        session = SessionContent.of(content, sid) if content else None
        return Verdict(session, bool(replaced), bool(allowed), states)
