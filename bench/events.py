"""How fast events travel from outbox over broker to inbox, and how late they have their effect."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
from psycopg import AsyncConnection
from shared.contracts.subscribers import SUBSCRIBERS
from shared.testing.waiting import wait_until_async

from bench.figures import Spread, per_request
from bench.load import Request, put_load
from bench.settle import PATIENCE_SECONDS, Calm
from bench.stack import Stack
from bench.stopwatch import Stopwatch
from bench.visitors import VARIANTS, Unexpected, Visitors, guest_booking

BOOKINGS_PER_SECOND = 20
# The relay asks for this lock before each batch; who holds it stops the publishing of a whole service.
HOLD_RELAY = "SELECT pg_advisory_lock(hashtextextended('outbox-relay', 0))"

Moments = Mapping[UUID, datetime]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in an outbox."""

    event_id: UUID
    type: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Burst:
    """`events` published and handled by all their subscribers (`deliveries`) within `seconds`; CPU by process."""

    events: int
    deliveries: int
    seconds: float
    cpu_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Pace:
    """Bookings made and paid at a steady pace: lag of each event at each subscriber, whole way to the confirmation.

    `confirmed_after` is the time from a guest's request to the mail that confirms the payment, all steps in between
    included; `cpu_ms` is per booking by process. `failures` are bookings that were refused or could not be paid.
    """

    bookings: int
    failures: int
    per_second: float
    lag: Spread
    lag_by_event: dict[str, Spread]
    confirmed_after: Spread
    cpu_ms: dict[str, float]


async def measure_burst(stack: Stack, calm: Calm, idle: dict[str, float], seconds: float) -> Burst:
    """Book for `seconds` while booking's relay is held back, then let go and time the events until all are handled."""
    began = datetime.now(UTC)
    requests = [
        Request.post("/api/bookings/guest-booking/", guest_booking("{n}"), {"Idempotency-Key": "bench-burst-{n}-000"})
        for _ in range(VARIANTS)
    ]
    async with await AsyncConnection.connect(stack.databases["booking"], autocommit=True) as holder:
        await holder.execute(HOLD_RELAY)
        await put_load(stack.gateway_url, requests, seconds)
        await _others_done(calm)
        watch = Stopwatch.start(stack)
        released = datetime.now(UTC)
    await calm.settled()
    spent, elapsed = watch.stop()
    events = [event for event in await _recorded(stack.databases["booking"], began) if event.time < released]
    arrivals = (await _inboxes(stack, began)).values()
    handled = [moments[event.event_id] for event in events for moments in arrivals if event.event_id in moments]
    cpu = per_request(spent, idle, elapsed, len(events))
    return Burst(len(events), len(handled), (max(handled, default=released) - released).total_seconds(), cpu)


async def _others_done(calm: Calm) -> None:
    async def are_done() -> bool:
        return not set(await calm.left()) - {"booking"}

    await wait_until_async(are_done, PATIENCE_SECONDS, "all work but booking's events")


async def measure_pace(
    stack: Stack, calm: Calm, idle: dict[str, float], visitors: Visitors, http: aiohttp.ClientSession, seconds: float
) -> Pace:
    """Book and pay at a steady 20 a second, and read from the databases how late each event was handled."""
    began, watch = datetime.now(UTC), Stopwatch.start(stack)
    total = round(seconds * BOOKINGS_PER_SECOND)
    asked = await _book_steadily(stack, visitors, http, total)
    per_second = len(asked) / watch.elapsed
    await calm.settled()
    spent, elapsed = watch.stop()
    lags = await _lags(stack, began)
    sent = await _confirmations(stack, list(asked))
    return Pace(
        bookings=len(asked),
        failures=total - len(asked),
        per_second=per_second,
        lag=Spread.of(lag for values in lags.values() for lag in values),
        lag_by_event={name: Spread.of(values) for name, values in sorted(lags.items())},
        confirmed_after=Spread.of((sent[one] - asked[one]).total_seconds() * 1000 for one in sent),
        cpu_ms=per_request(spent, idle, elapsed, len(asked)),
    )


async def _book_steadily(stack: Stack, visitors: Visitors, http: aiohttp.ClientSession, total: int) -> Moments:
    """Start each booking at its time, however long those before it take; when each that was paid was asked for."""
    began, under_way = time.monotonic(), []
    for number in range(total):
        await asyncio.sleep(max(0.0, began + number / BOOKINGS_PER_SECOND - time.monotonic()))
        under_way.append(asyncio.create_task(_book_and_pay(stack, visitors, http, 10_000_000 + number)))
    return dict(filter(None, await asyncio.gather(*under_way)))


async def _book_and_pay(
    stack: Stack, visitors: Visitors, http: aiohttp.ClientSession, number: int
) -> tuple[UUID, datetime] | None:
    asked = datetime.now(UTC)
    try:
        booked = await visitors.book_as_guest(number)
    except (Unexpected, aiohttp.ClientError, TimeoutError):
        return None
    stripe = stack.content["stripe"]
    confirm = f"{stripe['api_base']}/v1/payment_intents/{booked.intent_id}/confirm"
    form = {"key": stripe["publishable_key"], "client_secret": booked.client_secret, "payment_method": "pm_card_visa"}
    async with http.post(confirm, data=form) as response:
        response.raise_for_status()
    return UUID(booked.booking_id), asked


async def _lags(stack: Stack, since: datetime) -> dict[str, list[float]]:
    """By type of event: milliseconds from its record in the outbox to the transaction of its effect, per subscriber."""
    inboxes = await _inboxes(stack, since)
    recorded = [event for url in stack.databases.values() for event in await _recorded(url, since)]
    return lags_of(recorded, inboxes.values())


def lags_of(recorded: Iterable[Recorded], inboxes: Iterable[Moments]) -> dict[str, list[float]]:
    """By type: milliseconds between each event's record and its arrival in each inbox that has it."""
    inboxes, lags = list(inboxes), dict[str, list[float]]()
    for event in recorded:
        arrived = [moments[event.event_id] for moments in inboxes if event.event_id in moments]
        late = [(moment - event.time).total_seconds() * 1000 for moment in arrived]
        if late:
            lags.setdefault(event.type, []).extend(late)
    return lags


async def _recorded(database_url: str, since: datetime) -> list[Recorded]:
    async with await AsyncConnection.connect(database_url) as database:
        found = await database.execute("SELECT event_id, type, time FROM outbox WHERE time >= %s", (since,))
        return [Recorded(*row) for row in await found.fetchall()]


async def _inboxes(stack: Stack, since: datetime) -> dict[str, Moments]:
    inboxes: dict[str, Moments] = {}
    for service, events in SUBSCRIBERS.items():
        if events:
            async with await AsyncConnection.connect(stack.databases[service]) as database:
                found = await database.execute(
                    "SELECT event_id, received_at FROM inbox WHERE received_at >= %s", (since,)
                )
                inboxes[service] = dict(await found.fetchall())
    return inboxes


CONFIRMATIONS = """
SELECT booking_id, sent_at FROM messages WHERE kind = 'payment_received' AND status = 'sent' AND booking_id = ANY(%s)
"""


async def _confirmations(stack: Stack, booking_ids: list[UUID]) -> Moments:
    async with await AsyncConnection.connect(stack.databases["notifications"]) as database:
        found = await database.execute(CONFIRMATIONS, (booking_ids,))
        return dict(await found.fetchall())
