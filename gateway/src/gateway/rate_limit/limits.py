"""Which limits there are and what they count."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gateway.client_ip import network_of
from gateway.request import RawHeaders, Request

Subject = Literal["ip", "agent"]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` requests within any `window` seconds."""

    count: int
    window: int
    by: Subject


class LimitState(NamedTuple):
    """How a limit stands after a request: `remaining` requests, `reset_ms` until one more is free."""

    limit: Limit
    remaining: int
    reset_ms: int

    @property
    def reset_seconds(self) -> int:
        """Whole seconds until one more request is free, at least 1."""
        return max(1, -(-self.reset_ms // 1000))


def per_ip(count: int, window: int) -> Limit:
    """Per client address; for IPv6 per /64, since one household has all of it."""
    return Limit(count, window, "ip")


def per_agent(count: int, window: int) -> Limit:
    """Per User-Agent and client network, so that nobody can lock out a browser's whole public."""
    return Limit(count, window, "agent")


def limit_key(limit: Limit, scope: str, request: Request) -> str:
    """Where a limit counts this request; `scope` is what is limited, such as `POST /api/…`."""
    if limit.by == "ip":
        subject = network_of(request.client_ip, 32, 64)
    else:
        agent = hashlib.sha256(request.user_agent.encode()).hexdigest()[:16]
        subject = f"{network_of(request.client_ip, 24, 48)}:{agent}"
    return f"limit:{limit.by}:{limit.window}:{scope}:{subject}"


def limit_headers(states: Sequence[LimitState]) -> RawHeaders:
    """`RateLimit-*` for the limit that is nearest to being reached."""
    tightest = states[0] if len(states) == 1 else min(states, key=lambda state: (state.remaining, -state.reset_ms))
    return [
        (b"ratelimit-limit", b"%d" % tightest.limit.count),
        (b"ratelimit-remaining", b"%d" % tightest.remaining),
        (b"ratelimit-reset", b"%d" % tightest.reset_seconds),
    ]
