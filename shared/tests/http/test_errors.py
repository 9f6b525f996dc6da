"""Whatever goes wrong is answered as a problem document that shows nothing internal."""

from contextlib import AsyncExitStack
from typing import Any

import httpx
import orjson
import pytest
from pydantic import TypeAdapter, ValidationError
from shared.db import pool
from shared.http.errors import field_errors_of
from shared.http.fields import Email, Name
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_service

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE_ID = TRACEPARENT[3:35]
MEMBERS = {"type", "title", "status", "detail", "instance", "error", "error_code", "timestamp", "trace_id"}


async def get(service: RunningService, path: str, caller: Caller = Caller(), **headers: str) -> httpx.Response:
    async with service.as_caller(caller, **headers) as client:
        return await client.get(path)


def is_problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: dict[str, Any] = answer.json()
    assert document.keys() >= MEMBERS
    assert document["status"] == answer.status_code
    return document


@pytest.mark.parametrize(
    ("kind", "status", "code", "extra"),
    [
        ("invalid", 400, "validation_failed", {"field_errors": {"date": ["Is in the past."]}}),
        ("unauthenticated", 401, "authentication_required", {}),
        ("forbidden", 403, "permission_denied", {"permission": "refunds"}),
        ("not_found", 404, "not_found", {}),
        ("conflict", 409, "conflict", {"allowed": ["paid"]}),
        ("locked", 423, "account_locked", {}),
        ("limited", 429, "rate_limited", {}),
        ("unavailable", 503, "service_unavailable", {}),
        ("refused", 400, "refused", {}),
        ("bug", 500, "internal_error", {}),
    ],
)
async def test_each_kind_of_refusal_has_its_status_and_code(
    service: RunningService, kind: str, status: int, code: str, extra: dict[str, Any]
) -> None:
    answer = await get(service, f"/api/fail/{kind}/", traceparent=TRACEPARENT)
    document = is_problem(answer)
    assert (answer.status_code, document["error_code"]) == (status, code)
    assert document.items() >= extra.items()
    assert document["trace_id"] == TRACE_ID
    assert document["instance"] == f"/api/fail/{kind}/"


async def test_a_bug_is_logged_by_its_route_not_by_what_the_path_holds(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    await get(service, "/api/fail/bug/")
    [logged] = [record for record in caplog.records if record.message == "unexpected error"]
    assert logged.__dict__["route"] == "/api/fail/{kind}/"
    assert "path" not in logged.__dict__


async def test_who_must_wait_is_told_how_long(service: RunningService) -> None:
    waits = [(await get(service, f"/api/fail/{kind}/")).headers["Retry-After"] for kind in ("locked", "limited")]
    assert waits == ["60", "7"]


async def test_a_bug_shows_nothing_of_itself(service: RunningService) -> None:
    answer = await get(service, "/api/fail/bug/")
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text


async def test_unknown_paths_and_methods_are_problems_too(service: RunningService) -> None:
    assert is_problem(await get(service, "/api/nowhere/"))["error_code"] == "not_found"
    async with service.as_caller() as client:
        answer = await client.delete("/api/orders/")
    assert is_problem(answer)["error_code"] == "method_not_allowed"
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/api/orders/", "/internal/trace/", "/openapi.json", "/healthy", "/", "/api/nowhere/"]
)
async def test_nothing_but_health_is_reached_without_an_identity(service: RunningService, path: str) -> None:
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get(path, headers={"traceparent": TRACEPARENT})
        assert (await client.get("/health/live")).status_code == 200
    document = is_problem(answer)
    assert (answer.status_code, document["trace_id"]) == (401, TRACE_ID)


async def test_internal_paths_are_for_services_and_services_only_there(service: RunningService) -> None:
    assert (await get(service, "/internal/trace/", a_service())).status_code == 200
    assert (await get(service, "/internal/trace/", a_customer())).status_code == 403
    assert (await get(service, "/internal/trace/")).status_code == 403
    assert (await get(service, "/api/trace/", a_service())).status_code == 403


async def test_the_callers_trace_goes_on(service: RunningService) -> None:
    answer = await get(service, "/api/trace/", traceparent=TRACEPARENT)
    assert answer.json()["trace_id"] == TRACE_ID
    assert (await get(service, "/api/trace/", traceparent="nonsense")).json()["trace_id"] == "0" * 32


async def test_a_value_that_the_database_refuses_is_the_callers_mistake(service: RunningService) -> None:
    assert (await get(service, "/api/number/?value=7")).json() == {"value": 7}
    for value in (2**31, 10**30, 10**4000):
        assert is_problem(await get(service, f"/api/number/?value={value}"))["status"] == 400


async def test_an_exhausted_pool_asks_for_patience(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "TIMEOUT_SECONDS", 0.1)
    async with AsyncExitStack() as busy:
        for _ in range(service.platform.settings.db_pool_size):
            await busy.enter_async_context(service.database.reading())
        refused = await get(service, "/api/number/?value=7")
    assert (await get(service, "/api/number/?value=7")).status_code == 200
    assert is_problem(refused)["status"] == 503
    assert int(refused.headers["Retry-After"]) > 0


STRANGE_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'"\xed\xa0\x80"',
    b'{"name": NaN}',
    b'{"name": "Ada", "weight": NaN}',
    b'{"name": "Ada", "weight": 1e999}',
    b'{"name": "Ada", "weight": -Infinity}',
    b'{"name": "Ada", "weight": ' + b"9" * 5000 + b"}",
    b'{"name": "Ada", "count": 1e3}',
    b'{"name": "Ada", "count": ' + b"9" * 4000 + b"}",
    b'{"name": "Ada", "count": ' + b"9" * 5000 + b"}",
    b'{"name": "\\ud800"}',
    b'{"name": "Ada", "note": "\\udfff"}',
    b'{"name": "Ada", "email": "\\ud800@example.com"}',
    b'{"name": "Ada", "phone": "\\ud800"}',
    b'{"name": "Ada", "\\ud800": 1}',
    b'{"name": "Ada", "\\u0000": 1}',
    b'{"name": "Ada\\u0000"}',
    b'{"name": "Ada\\nBcc: all@example.com"}',
    b'{"name": "Ada", "name": 7}',
    b'{"name": "Ada", "anything": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"name": "Ada", "lines": ' + b"[" * 500 + b"]" * 500 + b"}",
    b'{"name": "' + b"x" * 1_000_000 + b'"}',
    b'{"name": "Ada", "lines": [' + b",".join([b'"x"'] * 200_000) + b"]}",
    b'{"name": "Ada", "' + b"y" * 100_000 + b'": 1}',
]


@pytest.mark.parametrize("body", STRANGE_BODIES, ids=lambda body: repr(body[:40]))
async def test_strange_bodies_are_refused_with_the_field_named(service: RunningService, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k" * 20}
    async with service.as_caller() as client:
        answer = await client.post("/api/orders/", content=body, headers=headers)
    document = is_problem(answer)
    assert answer.status_code == 400
    assert document["field_errors"]
    assert len(answer.content) < 20_000
    assert orjson.loads(answer.content)


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        (Name, "", "This field may not be empty."),
        (Name, "x" * 101, "Must have at most 100 characters."),
        (Email, "a", "Must have at least 3 characters."),
        (list[Name], [""], "This field may not be empty."),
    ],
)
def test_people_are_told_how_long_a_text_may_be(kind: Any, written: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(written)
    assert list(field_errors_of(refused.value.errors()).values()) == [[sentence]]


async def test_a_body_of_another_type_is_refused(service: RunningService) -> None:
    async with service.as_caller() as client:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = await client.post("/api/orders/", content=b'{"name":"A"}', headers={"Content-Type": content_type})
            assert 400 <= is_problem(answer)["status"] < 500
