"""Answers to requests that come with an idempotency key."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Response
from shared.db.engine import Database
from shared.http.idempotency import IdempotencyKey, complete, once


async def created_once(
    database: Database, key: IdempotencyKey | None, response: Response, work: Callable[[], Awaitable[dict[str, Any]]]
) -> Any:
    """The body of the 201 that `work` gives; for a key used before, its first answer again, and `response` says so."""
    created, before = await once(database, key, work)
    if before is not None:
        response.headers["Idempotency-Replayed"] = "true"
        return before.body
    await complete(database, key, 201, orjson.loads(orjson.dumps(created)))
    return created
