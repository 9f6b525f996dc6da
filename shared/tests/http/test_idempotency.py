"""The same request sent many times has one effect and one answer."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest
from shared.db import pool
from shared.http import idempotency
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer
from shared.testing.waiting import wait_until_async
from sqlalchemy import text

KEY = "order-0123456789abcdef"


async def post(
    service: RunningService, name: Any = "Ada", key: str = KEY, caller: Caller = Caller(), **more: Any
) -> httpx.Response:
    async with service.as_caller(caller) as client:
        return await client.post("/api/orders/", json={"name": name, **more}, headers={"Idempotency-Key": key})


async def orders(service: RunningService) -> int:
    row = await service.database.fetch_one(text("SELECT count(*) FROM orders"))
    return row[0] if row else 0


async def change_keys(service: RunningService, assignments: str) -> None:
    async with service.database.transaction() as connection:
        await connection.execute(text(f"UPDATE idempotency_keys SET {assignments}"))


async def test_fifty_identical_requests_at_once_have_one_effect_and_one_answer(service: RunningService) -> None:
    answers = await asyncio.gather(*(post(service) for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 409)
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers if answer.status_code == 201) == 1
    assert await orders(service) == 1


async def test_a_replay_says_so_and_gives_the_same_answer(service: RunningService) -> None:
    first, second = await post(service), await post(service)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_the_order_of_members_in_the_body_does_not_matter_and_their_values_do(service: RunningService) -> None:
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    async with service.as_caller() as client:
        bodies = (b'{"name":"Ada","count":2}', b'{ "count" : 2, "name" : "Ada" }', b'{"name":"Ada","count":3}')
        answers = [await client.post("/api/orders/", content=body, headers=headers) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[2].json()["error_code"] == "idempotency_key_reused"


async def test_callers_do_not_meet_in_one_key(service: RunningService) -> None:
    callers = [a_customer(), a_customer(), Caller()]
    answers = [await post(service, caller=caller) for caller in callers]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert await orders(service) == 3


async def test_a_request_whose_process_died_goes_on_with_what_it_had_made(service: RunningService) -> None:
    first = await post(service)
    await change_keys(service, "response_status = NULL, response_body = NULL, leased_until = now() - interval '1 s'")
    again = await post(service)
    assert (again.status_code, again.json()) == (201, first.json())
    assert await orders(service) == 1


async def test_while_the_first_request_holds_its_lease_others_are_told_to_come_back(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.5)
    await post(service)
    await change_keys(service, "response_status = NULL, leased_until = now() + interval '1 hour'")
    answer = await post(service)
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert answer.json()["error_code"] == "idempotency_in_progress"


async def test_a_refusal_is_remembered_and_leaves_no_effect(service: RunningService) -> None:
    first, second = await post(service, "refused"), await post(service, "refused")
    assert [first.status_code, second.status_code] == [409, 409]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json()["error"] == first.json()["error"]
    assert await orders(service) == 0


async def test_a_key_whose_row_is_locked_for_long_is_in_progress_and_not_a_failure(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SERVER_SETTINGS", "-c lock_timeout=200")
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.5)
    async with service.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO idempotency_keys (scope, key, request_hash, created_at, leased_until)"
                " VALUES ('anonymous: POST /api/orders/ ', :key, '', now(), now())"
            ),
            {"key": KEY},
        )
        answer = await post(service)
        assert answer.status_code == 409, answer.text
        assert answer.json()["error_code"] == "idempotency_in_progress"


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "ключ-ключ-ключ-ключ".encode(), "a" * 10 + "\t" + "b" * 10])
async def test_a_malformed_key_is_refused_by_name(service: RunningService, key: Any) -> None:
    async with service.as_caller() as client:
        raw = key if isinstance(key, bytes) else key.encode()
        answer = await client.post("/api/orders/", json={"name": "Ada"}, headers=[(b"Idempotency-Key", raw)])
    assert answer.status_code == 400
    assert list(answer.json()["field_errors"]) == ["Idempotency-Key"]
    assert await orders(service) == 0


@pytest.mark.parametrize("key", ["x" * 16, "x" * 255, "with spaces within it", str(UUID(int=7))])
async def test_the_longest_and_the_shortest_key_are_taken(service: RunningService, key: str) -> None:
    assert (await post(service, key=key)).status_code == 201


async def test_a_deeply_nested_body_with_a_key_is_no_failure(service: RunningService) -> None:
    nested: list[Any] = []
    for _ in range(500):
        nested = [nested]
    assert (await post(service, anything=nested)).status_code < 500


async def test_a_client_that_leaves_takes_nothing_back(service: RunningService) -> None:
    leaving = asyncio.create_task(post(service))
    await wait_until_async(lambda: orders(service), what="the order")
    leaving.cancel()
    await asyncio.wait([leaving])
    await change_keys(service, "leased_until = now() - interval '1 s'")
    assert (await post(service)).status_code == 201
    assert await orders(service) == 1
