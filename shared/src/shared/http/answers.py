"""JSON answers, written by orjson: it knows dates and ids, and costs a fraction of a response model."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import orjson
from fastapi import Response

from shared.db.engine import Database
from shared.errors import Refusal
from shared.http.idempotency import IdempotencyKey, StoredAnswer, complete, once
from shared.http.problems import PROBLEM_JSON, problem_of

JSON = "application/json"
REPLAYED = {"Idempotency-Replayed": "true"}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as a JSON answer: a success, or a refusal's problem document, by its status. Times end in `Z`."""
    media_type = PROBLEM_JSON if status >= 400 else JSON
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, headers, media_type)


def answer_again(stored: StoredAnswer) -> Response:
    """An answer that was given before, given again."""
    return answer(stored.body, stored.status, REPLAYED)


async def answered_once(
    database: Database,
    key: IdempotencyKey | None,
    work: Callable[[], Awaitable[Mapping[str, Any]]],
    status: int = 200,
    not_kept: Collection[str] = (),
) -> Response:
    """The answer that `work` makes; for a key used before, its first answer again.

    The members `not_kept` are personal: they are in the first answer only, and empty texts in later ones.
    """
    body, before = await once(database, key, work)
    if before is not None:
        return answer_again(before)
    first = answer(body, status)
    if key is not None:
        await complete(database, key, status, {**orjson.loads(first.body), **dict.fromkeys(not_kept, "")})
    return first


def refusal_document(refusal: Refusal, path: str) -> tuple[int, Any]:
    """(status, body) of a refusal, as it is stored for an idempotency key."""
    status, body, _ = problem_of(refusal, path)
    return status, orjson.loads(body)
