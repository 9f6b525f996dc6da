"""Who may not do a thing is told so first, whatever else is wrong with the request."""

import pytest
from httpx import Response
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_staff_member

GUEST, ENTITLED = Caller(), a_staff_member("manage_orders")
DENIED = [(GUEST, 401), (a_customer(), 403), (a_staff_member("view_orders"), 403)]
RIGHT = "/api/office/01900000-0000-7000-8000-000000000001/orders/"


async def post(service: RunningService, caller: Caller, path: str, body: bytes, **headers: str) -> Response:
    async with service.as_caller(caller, **{"Content-Type": "application/json", **headers}) as client:
        return await client.post(path, content=body)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (RIGHT, b"{", {}),
        (RIGHT, b"\xff", {}),
        (RIGHT, b'{"name": 7}', {}),
        (RIGHT, b"[" * 100_000, {}),
        (RIGHT, b'{"name": "Ada"}', {"Content-Type": "text/plain"}),
        (RIGHT, b'{"name": "Ada"}', {"Idempotency-Key": "short"}),
        (f"{RIGHT}?page=0", b'{"name": "Ada"}', {}),
        ("/api/office/7/orders/", b'{"name": "Ada"}', {}),
    ],
)
async def test_access_comes_before_everything_that_is_wrong(
    service: RunningService, path: str, body: bytes, headers: dict[str, str]
) -> None:
    answers = [(await post(service, caller, path, body, **headers)).status_code for caller, _ in DENIED]
    assert answers == [status for _, status in DENIED]
    assert (await post(service, ENTITLED, path, body, **headers)).status_code == 400


async def test_whoever_may_gets_through(service: RunningService) -> None:
    assert (await post(service, ENTITLED, RIGHT, b'{"name": "Ada"}')).status_code == 200
