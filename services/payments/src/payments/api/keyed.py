"""Answers to requests that carry an idempotency key: given once, kept without secrets, told again."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request, Response
from shared.db.engine import Database
from shared.errors import Refusal, Unavailable
from shared.http.idempotency import (
    IdempotencyKey,
    KeyInProgress,
    KeyReused,
    complete,
    once,
    release,
    remember_refusal,
)
from shared.http.problems import PROBLEM_JSON, problem_of

JSON = "application/json"
REPLAYED = {"Idempotency-Replayed": "true"}

Answer = dict[str, Any]


class Keyed:
    """One request's answer under its key. `status` is that of success."""

    def __init__(self, database: Database, request: Request, key: IdempotencyKey | None, status: int = 200) -> None:
        self._database = database
        self._path = request.url.path
        self._key = key
        self._status = status

    async def answer(
        self,
        work: Callable[[], Awaitable[Answer]],
        secret: str = "",
        read_secret: Callable[[Answer], Awaitable[str | None]] | None = None,
    ) -> Response:
        """The answer of `work`, or the one it gave before; its member `secret` is never stored but read anew."""
        try:
            fresh, stored = await once(self._database, self._key, work)
        except (KeyInProgress, KeyReused):
            raise
        except Unavailable:
            await release(self._database, self._key)
            raise
        except Refusal as refusal:
            await self._remember(refusal)
            raise
        if stored is None:
            kept = {name: value for name, value in fresh.items() if name != secret}
            await complete(self._database, self._key, self._status, orjson.loads(orjson.dumps(kept)))
            return Response(orjson.dumps(fresh), self._status, media_type=JSON)
        if stored.status >= 400:
            return Response(orjson.dumps(stored.body), stored.status, REPLAYED, PROBLEM_JSON)
        again = {**stored.body, secret: await read_secret(stored.body)} if read_secret else stored.body
        return Response(orjson.dumps(again), stored.status, REPLAYED, JSON)

    async def _remember(self, refusal: Refusal) -> None:
        status, body, _ = problem_of(refusal, self._path)
        document = orjson.loads(body)
        await remember_refusal(self._database, self._key, status, document)
        await complete(self._database, self._key, status, document)
