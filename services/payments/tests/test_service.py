"""What the service is made of."""

import asyncio

import pytest
from payments.adapters import claims
from payments.adapters.tables import payments, stripe_events
from payments.errands import together
from payments.errands.loop import ErrandLoop
from payments.events import EVENT_HANDLERS
from payments.service import SERVICE
from payments.settings import Settings
from pydantic import ValidationError
from shared.cli import service_cli
from shared.contracts.subscribers import SUBSCRIBERS
from shared.http.identity import generate_private_key
from shared.testing.service import PUBLIC_KEYS
from shared.testing.waiting import wait_until_async
from sqlalchemy import update
from typer.testing import CliRunner, Result

from .factories import Shop, a_booking

SAFE = {
    "secret_key": "s" * 40,
    "identity_public_keys": PUBLIC_KEYS,
    "rabbitmq_url": "amqp://payments:secret@broker/",
    "stripe_secret_key": "sk_live_1",
    "stripe_webhook_secret": "whsec_1",
    "aws_storage_bucket_name": "files",
    "identity_private_key": generate_private_key(),
}


def test_it_handles_what_it_is_subscribed_to() -> None:
    assert set(EVENT_HANDLERS) == set(SUBSCRIBERS["payments"])


def test_safe_settings_start_outside_development() -> None:
    assert Settings(**SAFE).webhook_secrets == ("whsec_1",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identity_private_key", ""),
        ("stripe_secret_key", ""),
        ("stripe_webhook_secret", " , "),
        ("stripe_webhook_secret", "whsec_development"),
    ],
)
def test_an_unsafe_secret_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.upper()):
        Settings(**{**SAFE, name: value})


def test_a_batch_of_errands_is_done_before_its_claims_end() -> None:
    rounds = -(-claims.BATCH // together.AT_ONCE)
    assert rounds * together.LONGEST_ERRAND_SECONDS < claims.CLAIMED_FOR.total_seconds()


async def test_loops_of_the_worker_send_refunds_until_they_are_stopped(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    loops = shop.service.parts.loops
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    await shop.request_refund(payment.id)

    async def is_refunded() -> bool:
        return bool((await shop.payment(booking)).status == "refunded")

    await wait_until_async(is_refunded, what="the refund")
    for loop in loops:
        loop.stop()
    await asyncio.gather(*tasks)


async def test_a_loop_goes_on_after_trouble() -> None:
    turns: list[int] = []

    async def turn() -> bool:
        turns.append(1)
        if len(turns) == 1:
            raise ConnectionError
        loop.stop()
        return False

    loop = ErrandLoop("test", turn, poll_seconds=0.01)
    await loop.run()
    assert len(turns) == 2


async def test_operators_can_reconcile_by_hand(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = a_booking()
    await shop.pay(await shop.intent(booking))
    await shop.make_checks_due()
    result = await on_the_command_line(shop, monkeypatch, "reconcile")
    assert result.exit_code == 0, result.output
    assert (await shop.payment(booking)).status == "succeeded"


@pytest.mark.parametrize("path", ["*", "/v1/payment_intents/*"])
async def test_what_could_not_be_compared_is_told_to_operators(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    await shop.intent(a_booking())
    await shop.make_checks_due()
    shop.sandbox.fault("status", status=503, method="GET", path=path, cached=False)
    result = await on_the_command_line(shop, monkeypatch, "reconcile")
    assert (result.exit_code, "could not be compared" in result.output) == (1, True)


async def test_what_waits_for_people_is_listed_for_operators(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = a_booking()
    payment, now = await shop.paid(booking), shop.service.platform.clock()
    async with shop.service.database.transaction() as connection:
        await connection.execute(update(payments).values(parked_at=now))
    row = {"id": "evt_a", "type": "refund.created", "facts": {}, "received_at": now, "next_try_at": now}
    await shop.service.put(stripe_events, **row, state="parked", error="unreadable")
    result = await on_the_command_line(shop, monkeypatch, "parked")
    for expected in (f"payment  {payment.id}", booking.booking_number, "webhook  evt_a", "refund.created unreadable"):
        assert expected in result.output


async def on_the_command_line(shop: Shop, monkeypatch: pytest.MonkeyPatch, command: str) -> Result:
    settings = shop.service.platform.settings
    for name in ("database_url", "stripe_api_base", "stripe_secret_key", "stripe_webhook_secret"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    monkeypatch.setenv("DEBUG", "true")
    return await asyncio.to_thread(CliRunner().invoke, service_cli(SERVICE), [command])
