"""Faults on demand: latency, refusals and cut connections for chosen calls, before or after their effect."""

import fnmatch
import itertools
import random
from dataclasses import asdict, dataclass

from .controls import boolean, check_known, keep_control, load_control, number, one_of
from .errors import ApiError, Json, bad_parameter
from .store import Store

_STATUSES = {500, 503, 429, 409}
_MESSAGES = {
    429: ("rate_limit_error", "rate_limit", "Too many requests hit the API too quickly."),
    409: (
        "invalid_request_error",
        "lock_timeout",
        "This object cannot be accessed right now; another request is using it.",
    ),
}


@dataclass
class Fault:
    """One rule. `path` is a shell pattern over the request's path; `count` None has no end; latency in ms.

    A 500 is `cached` under the call's idempotency key as Stripe does it; 429 and 409 never are.
    """

    id: int
    kind: str
    method: str = "*"
    path: str = "*"
    when: str = "before"
    status: int = 500
    latency_ms: float = 0
    probability: float = 1
    count: int | None = None
    cached: bool = True

    def matches(self, method: str, path: str) -> bool:
        return self.method in {"*", method} and self.count != 0 and fnmatch.fnmatchcase(path, self.path)

    def error(self) -> ApiError:
        kind, code, message = _MESSAGES.get(self.status, ("api_error", None, "An unknown error occurred."))
        return ApiError(self.status, kind, message, code=code, stored=self.cached and self.status >= 500)


class Faults:
    """The rules in force, kept across restarts with what is left of their counts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules = [Fault(**rule) for rule in load_control(store, "faults") or []]
        self._ids = itertools.count(1 + max((rule.id for rule in self._rules), default=0))

    def add(self, given: Json) -> Json:
        """Set a rule from its JSON; raises ApiError for what can't be one."""
        check_known(given, {"kind", "method", "path", "when", "status", "latency_ms", "probability", "count", "cached"})
        status, count = given.get("status", 500), given.get("count")
        if status not in _STATUSES:
            raise bad_parameter(f"status must be one of {sorted(_STATUSES)}.", "status")
        rule = Fault(
            id=next(self._ids),
            kind=one_of(given, "kind", "", {"latency", "status", "reset"}),
            method=one_of(given, "method", "*", {"*", "GET", "POST", "DELETE"}),
            path=str(given.get("path", "*")),
            when=one_of(given, "when", "before", {"before", "after"}),
            status=status,
            latency_ms=number(given, "latency_ms", 0, highest=600_000),
            probability=number(given, "probability", 1, highest=1),
            count=None if count is None else int(number(given, "count", 0)),
            cached=boolean(given, "cached", True),
        )
        self._rules.append(rule)
        self._keep()
        return asdict(rule)

    def remove(self, rule_id: int | None = None) -> None:
        """Take back one rule, or all."""
        self._rules = [rule for rule in self._rules if rule_id is not None and rule.id != rule_id]
        self._keep()

    def listed(self) -> list[Json]:
        return [asdict(rule) for rule in self._rules]

    def pick(self, method: str, path: str) -> list[Fault]:
        """The faults that strike this call; each that does uses up one of its count."""
        struck = [rule for rule in self._rules if rule.matches(method, path) and random.random() < rule.probability]
        counted = [rule for rule in struck if rule.count is not None]
        for rule in counted:
            rule.count = (rule.count or 1) - 1
        if counted:
            self._keep()
        return struck

    def _keep(self) -> None:
        keep_control(self._store, "faults", self.listed())
