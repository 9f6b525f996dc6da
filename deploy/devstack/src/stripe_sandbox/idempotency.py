"""Idempotency keys: a key's first answer is its only one for 24 hours."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import ApiError
from .store import Store

_LIFETIME_SECONDS = 24 * 3600
_MAX_KEY = 255


@dataclass(frozen=True)
class StoredAnswer:
    request_id: str
    status: int
    body: str


def fingerprint(method: str, path: str, parameters: bytes) -> str:
    """What makes two calls the same: their method, path and parameters, whatever their order."""
    fields = b"&".join(sorted(parameters.split(b"&")))
    return hashlib.sha256(f"{method} {path}\n".encode() + fields).hexdigest()


class IdempotencyKeys:
    """Answers by key in the store, and the keys of calls under way in memory, where a crash forgets them rightly."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: set[str] = set()

    @contextmanager
    def held(self, key: str | None) -> Iterator[None]:
        """Own a key while its call runs; raises ApiError (409) if a twin owns it."""
        if key is None:
            yield
            return
        if len(key) > _MAX_KEY:
            raise ApiError(
                400, "idempotency_error", "Idempotency keys can be at most 255 characters long.", stored=False
            )
        if key in self._under_way:
            message = f"There is currently another in-progress request using this Idempotent Key: {key}"
            raise ApiError(409, "idempotency_error", message, code="idempotency_key_in_use", stored=False)
        self._under_way.add(key)
        try:
            yield
        finally:
            self._under_way.discard(key)

    def find(self, key: str, mark: str, now: float) -> StoredAnswer | None:
        """The key's first answer; raises ApiError (400) if the key was another call's."""
        sql = "SELECT fingerprint, request_id, status, body FROM idempotency_keys WHERE key = ? AND created > ?"
        rows = self._store.rows(sql, key, now - _LIFETIME_SECONDS)
        if not rows:
            return None
        known, request_id, status, body = rows[0]
        if known != mark:
            message = (
                "Keys for idempotent requests can only be used with the same endpoint and parameters they were first "
                f"used with. Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise ApiError(400, "idempotency_error", message, stored=False)
        return StoredAnswer(request_id, status, body)

    def keep(self, key: str, mark: str, answer: StoredAnswer, now: float) -> None:
        """Remember an answer, in the transaction of the call's effect."""
        sql = "INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?)"
        self._store.execute(sql, key, mark, answer.request_id, answer.status, answer.body, int(now))

    def sweep(self, now: float) -> None:
        """Forget the keys whose time is over."""
        self._store.execute("DELETE FROM idempotency_keys WHERE created <= ?", now - _LIFETIME_SECONDS)
