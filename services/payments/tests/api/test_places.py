"""A booking whose hold has ended is paid only after booking has given it a place again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from payments.service import SERVICE
from shared.contracts.booking import BookingUpdated
from shared.http.identity import generate_private_key
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService, running
from stripe_sandbox.testing import RunningSandbox

from ..factories import a_booking, later

PATH = "/api/payments/create-intent/"


class Booking:
    """The other side of the call: answers as booking does, and counts how often it is asked."""

    def __init__(self) -> None:
        self.state: Any = None
        self.asked = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        self.asked += 1
        if self.state is None:
            return web.json_response({"error_code": "no_capacity", "nearest_dates": ["2026-12-03"]}, status=409)
        return web.json_response({"booking": self.state.model_dump(mode="json")})


@pytest.fixture
async def booking() -> AsyncIterator[Booking]:
    other = Booking()
    app = web.Application()
    app.router.add_post("/internal/bookings/{id}/place", other.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    other.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield other
    await runner.cleanup()


@pytest.fixture
async def payments(
    database_factory: DatabaseFactory, sandbox: RunningSandbox, booking: Booking, tmp_path: Any
) -> AsyncIterator[RunningService]:
    values = {
        "stripe_api_base": sandbox.api_base,
        "stripe_secret_key": sandbox.secret_key,
        "stripe_webhook_secret": sandbox.webhook_secret,
        "documents_dir": tmp_path / "documents",
        "booking_url": booking.url,
        "identity_private_key": generate_private_key(),
    }
    async with running(SERVICE, database_factory, **values) as service:
        yield service


async def create(service: RunningService, booking: Any) -> httpx.Response:
    async with service.as_caller() as client:
        body = {"booking_id": str(booking.id), "amount_cents": booking.total_cents}
        return await client.post(PATH, json=body)


async def test_a_booking_with_a_place_is_paid_without_asking(payments: RunningService, booking: Booking) -> None:
    held = a_booking()
    await payments.receive(BookingUpdated(booking=held))
    assert (await create(payments, held)).status_code == 200
    assert booking.asked == 0


async def test_a_place_is_taken_again_before_the_intent_is_made(payments: RunningService, booking: Booking) -> None:
    lost = a_booking(holds_place=False)
    await payments.receive(BookingUpdated(booking=lost))
    booking.state = later(lost, holds_place=True)
    assert [(await create(payments, lost)).status_code for _ in range(2)] == [200, 200]
    assert booking.asked == 1


async def test_a_full_day_is_told_with_the_nearest_dates(
    payments: RunningService, booking: Booking, sandbox: RunningSandbox
) -> None:
    lost = a_booking(holds_place=False)
    await payments.receive(BookingUpdated(booking=lost))
    answer = await create(payments, lost)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "no_capacity")
    assert answer.json()["nearest_dates"] == ["2026-12-03"]
    assert sandbox.state()["payment_intents"] == {}
