"""The first answer to a key, and the same one to its repetitions."""

from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Response
from shared.db.unit_of_work import UnitOfWork
from shared.http.answers import answered_once
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from shared.testing.service import RunningService

KEY = IdempotencyKey("a customer POST /here/", "order-0123456789abcdef", "hash")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def answered(service: RunningService, key: IdempotencyKey | None) -> Response:
    async def work() -> dict[str, Any]:
        async with service.database.transaction() as connection:
            await claim(UnitOfWork(connection, NOON), key, new_id())
        return {"made_at": NOON, "recipient": "ada@example.com"}

    return await answered_once(service.database, key, work, 201, not_kept=("recipient",))


async def test_a_repeated_answer_is_the_first_one_without_what_is_personal(service: RunningService) -> None:
    first, again = await answered(service, KEY), await answered(service, KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.body == b'{"made_at":"2026-05-01T12:00:00Z","recipient":"ada@example.com"}'
    assert orjson.loads(again.body) == {"made_at": "2026-05-01T12:00:00Z", "recipient": ""}
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")


async def test_without_a_key_nothing_is_kept(service: RunningService) -> None:
    first, other = await answered(service, None), await answered(service, None)
    assert first.body == other.body
    assert "idempotency-replayed" not in other.headers
