"""Whether the gateway lives, is ready, and how all parts of the product are."""

import asyncio
import time
from collections.abc import Mapping

from gateway.answers import Answer, json_answer
from gateway.sessions.store import Sessions
from gateway.upstream import Upstream
from gateway.visit import Handler, Visit

KEPT_SECONDS = 0.5
PATIENCE_SECONDS = 1.0


class Health:
    """Asks all parts at once; one answer serves everyone for half a second, so that asking often costs little."""

    def __init__(self, upstreams: Mapping[str, Upstream], sessions: Sessions) -> None:
        self._upstreams = upstreams
        self._sessions = sessions
        self._lock = asyncio.Lock()
        self._known: tuple[float, dict[str, str]] = (0.0, {})

    def handlers(self) -> dict[str, Handler]:
        """The answers by the names that the route table uses."""
        return {"health": self.all_parts, "live": self.live, "ready": self.ready}

    async def live(self, visit: Visit) -> Answer:
        """The loop answers."""
        return json_answer({"status": "ok"})

    async def ready(self, visit: Visit) -> Answer:
        """Ready also without the session store: public pages and webhooks go on."""
        return json_answer({"status": "ok" if await self._sessions.is_up() else "degraded"})

    async def all_parts(self, visit: Visit) -> Answer:
        """`{status: ok | degraded | down, parts: {name: ok | down}}`; 503 only when everything is down."""
        parts = await self._ask_all()
        states = set(parts.values())
        status = "ok" if states == {"ok"} else "down" if states == {"down"} else "degraded"
        return json_answer({"status": status, "parts": parts}, 503 if status == "down" else 200)

    async def _ask_all(self) -> dict[str, str]:
        async with self._lock:
            asked_at, parts = self._known
            if time.monotonic() - asked_at > KEPT_SECONDS or not parts:
                names = [*self._upstreams, "sessions"]
                services = (upstream.is_ready(PATIENCE_SECONDS) for upstream in self._upstreams.values())
                answers = await asyncio.gather(*services, self._sessions.is_up())
                parts = {name: "ok" if is_up else "down" for name, is_up in zip(names, answers, strict=True)}
                self._known = (time.monotonic(), parts)
            return parts
