"""Customers who do not give up: each books once and pays once, whatever fails on the way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from .browser import Booked, Browser, a_move

GIVE_UP_SECONDS = 90
PAUSE_SECONDS = 0.5
CREATED = 201
NOT_ACCEPTED = (400, 401, 403, 404)


class GaveUp(AssertionError):
    """A visitor was refused for good, or for longer than anyone would wait."""


@dataclass
class Ledger:
    """What the visitors believe: bookings accepted and paid, and how many of their requests failed on the way."""

    paid: list[Booked] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


Afterwards = Callable[[Ledger, Booked], Awaitable[object]]


async def persist(ledger: Ledger, what: str, attempt: Any) -> httpx.Response:
    """Repeats `attempt` until it is answered well; failures that a retry may heal are noted."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        try:
            answer: httpx.Response = await attempt()
        except httpx.HTTPError as error:
            ledger.failures.append(f"{what}: {type(error).__name__}")
        else:
            if answer.status_code < 300 or (answer.status_code == 400 and _is_paid(answer.json()["error"])):
                return answer
            if answer.status_code in NOT_ACCEPTED:
                raise GaveUp(f"{what}: {answer.status_code} {answer.text}")
            ledger.failures.append(f"{what}: {answer.status_code} {answer.json().get('error_code')}")
        await asyncio.sleep(PAUSE_SECONDS)
    raise GaveUp(f"{what}: gave up after {ledger.failures[-5:]}")


def _is_paid(error: Any) -> bool:
    """Whether Stripe refuses to take money because it has: an earlier try succeeded and its answer was lost."""
    return isinstance(error, dict) and error.get("payment_intent", {}).get("status") == "succeeded"


async def book_and_pay(stack: dict[str, Any], ledger: Ledger) -> Booked:
    """One visitor's whole story, with the same Idempotency-Key for every try of the same thing."""
    body, key = a_move(), uuid4().hex
    async with Browser(stack, timeout=15) as visitor:
        answer = await persist(
            ledger, "book", lambda: visitor.post("/api/bookings/guest-booking/", body, **{"Idempotency-Key": key})
        )
        booked = Booked(answer.json())
        intent = booked.answer["payment_intent"] or await _intent_later(stack, ledger, booked)
        await persist(ledger, "pay", lambda: visitor.pay(intent))
        ledger.paid.append(booked)
        return booked


async def _intent_later(stack: dict[str, Any], ledger: Ledger, booked: Booked) -> dict[str, Any]:
    body = {"booking_id": booked.id, "amount_cents": booked.total_cents}
    key = {"Idempotency-Key": uuid4().hex}

    async def ask() -> httpx.Response:
        # A new address for each try: ten an hour are allowed to one.
        async with Browser(stack, timeout=30) as visitor:
            return await visitor.post("/api/payments/create-intent/", body, **key)

    answer = await persist(ledger, "intent", ask)
    return {"id": answer.json()["payment_intent_id"], "client_secret": answer.json()["client_secret"]}


async def under_load(
    stack: dict[str, Any], per_second: float, meanwhile: Any, afterwards: Afterwards | None = None
) -> Ledger:
    """Visitors arrive at a steady rate for as long as `meanwhile` runs; returns when each has finished.

    `afterwards` is what follows at once for each who has paid.
    """
    ledger = Ledger()

    async def visit() -> None:
        booked = await book_and_pay(stack, ledger)
        if afterwards is not None:
            await afterwards(ledger, booked)

    disturbance, began = asyncio.ensure_future(meanwhile), time.monotonic()
    visitors: list[asyncio.Task[None]] = []
    while not disturbance.done():
        # Whoever should have come while this process stood still comes now.
        while len(visitors) <= (time.monotonic() - began) * per_second:
            visitors.append(asyncio.create_task(visit()))
        await asyncio.wait([disturbance], timeout=1 / per_second)
    await disturbance
    await asyncio.gather(*visitors)
    return ledger
