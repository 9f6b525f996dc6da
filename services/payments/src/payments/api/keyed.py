"""Answers to requests that carry an idempotency key: given once, kept without secrets, told again."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request, Response
from shared.db.engine import Database
from shared.errors import Refusal, Unavailable
from shared.http.answers import REPLAYED, answer, answer_again, refusal_document
from shared.http.idempotency import (
    IdempotencyKey,
    KeyInProgress,
    KeyReused,
    complete,
    once,
    release,
    remember_refusal,
)

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
            first = answer(fresh, self._status)
            kept = {name: value for name, value in orjson.loads(first.body).items() if name != secret}
            await complete(self._database, self._key, self._status, kept)
            return first
        if stored.status >= 400 or read_secret is None:
            return answer_again(stored)
        return answer({**stored.body, secret: await read_secret(stored.body)}, stored.status, REPLAYED)

    async def _remember(self, refusal: Refusal) -> None:
        status, document = refusal_document(refusal, self._path)
        await remember_refusal(self._database, self._key, status, document)
        await complete(self._database, self._key, status, document)
