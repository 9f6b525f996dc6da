"""Whatever dies at random under load: what Stripe holds for each booking is what the ledger says, to the cent."""

import asyncio
import random
from collections import Counter
from uuid import uuid4

import pytest

from .browser import Booked, Browser
from .load import Ledger, persist, under_load
from .test_faults import check_invariants, kill, until_up
from .world import World

VICTIMS = [
    ("payments", "api"),
    ("payments", "worker"),
    ("notifications", "worker"),
    ("rabbitmq", "api"),
    ("stripe_sandbox", "api"),
]
ONE_IN = 3
"""Every third booking gets a part of its money back."""

GIVEN_CENTS = 100


async def kill_at_random(world: World, seconds: float, pause: float) -> None:
    """One after another, each chosen by chance, until the time is over."""
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        name, role = random.choice(VICTIMS)
        killed = kill(world, name, role)
        await asyncio.sleep(pause)
        await until_up(world, name, role, killed)


class Goodwill:
    """The office gives a part back to some who have just paid, while everything around it dies."""

    def __init__(self, world: World, admin: Browser) -> None:
        self._world = world
        self._admin = admin
        self.given: Counter[str] = Counter()
        self._seen = 0

    async def __call__(self, ledger: Ledger, booked: Booked) -> None:
        """One refund, asked for with one key until it is answered."""
        self._seen += 1
        if self._seen % ONE_IN:
            return
        self.given[booked.id] = GIVEN_CENTS
        await self._world.until_status(booked, "paid", timeout=90)
        found = await self._world.value("payments", "SELECT id FROM payments WHERE booking_id = %s", booked.id)
        path, body = f"/api/staff/payments/{found}/refunds/", {"amount_cents": GIVEN_CENTS, "reason": "Goodwill."}
        key = {"Idempotency-Key": uuid4().hex}
        await persist(ledger, "refund", lambda: self._admin.post(path, body, **key))


async def held_at_stripe(world: World) -> Counter[str]:
    """Cents that Stripe holds, by booking: what it captured without what it gave back."""
    held: Counter[str] = Counter()
    for charge in (await world.sandbox("GET", "/charges?status=succeeded"))["data"]:
        held[charge["metadata"]["booking_id"]] += charge["amount_captured"] - charge["amount_refunded"]
    return held


async def held_by_ledger(world: World) -> Counter[str]:
    """Cents that the books hold, by booking."""
    sums = await world.rows(
        "payments",
        "SELECT booking_id::text AS booking, sum(e.amount_cents)::bigint AS cents FROM ledger_entries AS e "
        "JOIN payments AS p ON p.id = e.payment_id WHERE account IN ('customer_payments', 'customer_refunds') "
        "GROUP BY 1",
    )
    return Counter({row["booking"]: -row["cents"] for row in sums})


@pytest.mark.parametrize(
    ("seconds", "pause", "per_second"),
    [
        pytest.param(15, 3, 2, id="short"),
        pytest.param(300, 4, 5, id="long", marks=[pytest.mark.soak, pytest.mark.timeout(1500)]),
    ],
)
async def test_after_random_deaths_the_ledger_is_what_stripe_holds(
    world: World, seconds: float, pause: float, per_second: float
) -> None:
    async with Browser(world.stack) as admin:
        await admin.log_in_as_admin(world.stack)
        goodwill = Goodwill(world, admin)
        ledger = await under_load(world.stack, per_second, kill_at_random(world, seconds, pause), goodwill)
    await world.until_quiet(120)

    async def settled() -> bool:
        # Both agree about a refund that is still to be sent, too: what waits is asked again for half a minute later.
        waiting = await world.value("payments", "SELECT count(*) FROM refunds WHERE status = 'pending'")
        return not waiting and await held_by_ledger(world) == await held_at_stripe(world)

    await world.until(settled, "refunds to be sent, and the ledger and Stripe to agree booking by booking", 240)
    held = await held_by_ledger(world)
    expected = {booked.id: booked.total_cents - goodwill.given[booked.id] for booked in ledger.paid}
    assert goodwill.given
    assert {booking: held[booking] for booking in expected} == expected
    confirmations = world.confirmations()
    assert [confirmations[booked.number] for booked in ledger.paid] == [1] * len(ledger.paid)
    await check_invariants(world)
