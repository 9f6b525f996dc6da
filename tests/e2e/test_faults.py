"""Whatever is killed or cut off under load: nothing is lost, nothing doubled, everything ends by itself."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from .browser import Browser
from .load import Ledger, under_load
from .world import SERVICES, World

EVERYTHING = [
    ("gateway", "api"),
    *((service, role) for service in SERVICES for role in ("api", "worker")),
    ("rabbitmq", "api"),
]
FEW = [
    ("booking", "api"),
    ("payments", "worker"),
    ("rabbitmq", "api"),
    ("payments", "api"),
    ("notifications", "worker"),
]


def kill(world: World, name: str, role: str) -> int | None:
    """`kill -9` of one process of our own stack; gives its pid, null if it was down."""
    pid = world.running.pid(name, role)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pid


async def until_up(world: World, name: str, role: str, killed: int | None) -> None:
    async def runs() -> bool:
        return world.running.pid(name, role) not in (None, killed)

    await world.until(runs, f"{name} {role} to be started again", 40)


async def check_nothing_lost_or_doubled(world: World, ledger: Ledger) -> None:
    """Every accepted booking is paid once, confirmed once and counted once, within a minute."""
    for booked in ledger.paid:
        await world.until_status(booked, "paid", timeout=60)
    await world.until_quiet(60)
    confirmations = world.confirmations()
    assert [confirmations[booked.number] for booked in ledger.paid] == [1] * len(ledger.paid)
    assert len({booked.id for booked in ledger.paid}) == len(ledger.paid)
    ids = [booked.id for booked in ledger.paid]
    facts = "SELECT count(*) FROM booking_facts WHERE booking_id = ANY(%s::uuid[]) AND status = 'paid'"
    assert await world.value("customers", facts, ids) == len(ids)
    captured = "SELECT count(*), sum(captured_cents) FROM payments WHERE booking_id = ANY(%s::uuid[])"
    (row,) = await world.rows("payments", captured, ids)
    assert (row["count"], row["sum"]) == (len(ids), sum(booked.total_cents for booked in ledger.paid))
    assert await world.parked() == 0
    await check_invariants(world)


async def check_invariants(world: World) -> None:
    async with Browser(world.stack) as admin:
        await admin.log_in_as_admin(world.stack)

        async def hold() -> bool:
            answer = await admin.http.get("/api/staff/ops/invariants/")
            return bool(answer.status_code == 200 and answer.json()["ok"])

        await world.until(hold, "the invariants to hold", 60)


async def kill_in_turn(world: World, victims: list[tuple[str, str]], seconds: float) -> None:
    for name, role in victims:
        await asyncio.sleep(seconds / len(victims) / 2)
        killed = kill(world, name, role)
        await asyncio.sleep(seconds / len(victims) / 2)
        await until_up(world, name, role, killed)


@pytest.mark.parametrize(
    ("victims", "seconds", "per_second"),
    [
        pytest.param(FEW, 20, 2, id="short"),
        pytest.param(EVERYTHING, 120, 10, id="long", marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
async def test_killing_processes_in_turn_under_load_loses_and_doubles_nothing(
    world: World, victims: list[tuple[str, str]], seconds: float, per_second: float
) -> None:
    ledger = await under_load(world.stack, per_second, kill_in_turn(world, victims, seconds))
    assert len(ledger.paid) >= seconds * per_second / 2
    await check_nothing_lost_or_doubled(world, ledger)


@contextmanager
def silent_broker(world: World) -> Iterator[None]:
    """Keeps the broker from answering without its connections noticing, as when a network is cut."""
    pid = world.running.pid("rabbitmq")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def stop_broker(world: World, seconds: float) -> None:
    with silent_broker(world):
        await asyncio.sleep(seconds)


@pytest.mark.parametrize(
    ("seconds", "per_second"),
    [
        pytest.param(8, 2, id="short"),
        pytest.param(60, 10, id="long", marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
async def test_no_request_fails_because_the_broker_is_away(world: World, seconds: float, per_second: float) -> None:
    ledger = await under_load(world.stack, per_second, stop_broker(world, seconds))
    assert ledger.failures == []
    await check_nothing_lost_or_doubled(world, ledger)


async def test_with_all_webhooks_lost_the_reconciler_finds_the_payment(world: World) -> None:
    await world.sandbox("POST", "/webhooks", {"drop": True})
    async with Browser(world.stack) as visitor:
        booked = await visitor.book()
        await visitor.pay(booked.intent)
        await world.until_status(booked, "paid", timeout=180)
    await world.until_quiet()
    assert world.confirmations()[booked.number] == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "latency", "latency_ms": 10_000, "count": 4},
        {"kind": "status", "status": 500, "when": "before", "count": 4},
        {"kind": "status", "status": 500, "when": "after", "count": 2},
        {"kind": "reset", "when": "after", "count": 3},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('when', 'always')}",
)
async def test_stripe_in_trouble_makes_one_intent_and_one_capture(world: World, fault: dict[str, object]) -> None:
    await world.sandbox("POST", "/faults", {"method": "POST", "path": "/v1/payment_intents", **fault})

    async def some_load() -> None:
        await asyncio.sleep(1)

    ledger = await under_load(world.stack, 2, some_load())
    await world.sandbox("DELETE", "/faults")
    assert ledger.paid
    for booked in ledger.paid:
        await world.until_status(booked, "paid", timeout=60)
        (intent,) = await world.intents_of(booked)
        assert intent["amount_received"] == booked.total_cents
    query = "SELECT count(*) FROM payments WHERE status = 'failed' AND booking_id = ANY(%s::uuid[])"
    assert await world.value("payments", query, [booked.id for booked in ledger.paid]) == 0
