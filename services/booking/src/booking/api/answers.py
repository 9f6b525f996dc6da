"""JSON answers, written by orjson: it knows dates and ids, and costs a fraction of a response model."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Response
from shared.db.engine import Database
from shared.errors import Refusal
from shared.http.idempotency import IdempotencyKey, complete, once
from shared.http.problems import PROBLEM_JSON, problem_of

REPLAYED = {"Idempotency-Replayed": "true"}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`body` as a JSON answer."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def stored_answer(status: int, body: Any) -> Response:
    """An answer that was given before, given again."""
    return document_answer(status, body, REPLAYED)


async def answered_once(
    database: Database,
    key: IdempotencyKey | None,
    work: Callable[[], Awaitable[Any]],
    document: Callable[[Any], dict[str, Any]],
    status: int = 200,
) -> Response:
    """What `work` did, as `document` shows it; for a key used before, its first answer again."""
    done, before = await once(database, key, work)
    if before is not None:
        return stored_answer(before.status, before.body)
    body = document(done)
    await complete(database, key, status, body)
    return answer(body, status)


def document_answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    """A success, or a refusal's problem document, by its status."""
    media_type = PROBLEM_JSON if status >= 400 else "application/json"
    return Response(orjson.dumps(body), status, headers, media_type=media_type)


def refusal_document(refusal: Refusal, path: str) -> tuple[int, Any]:
    """(status, body) of a refusal, as it is stored for an idempotency key."""
    status, body, _ = problem_of(refusal, path)
    return status, orjson.loads(body)
