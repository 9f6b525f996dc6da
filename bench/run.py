"""One measurement from beginning to end."""

import math
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp

from bench.crowd import measure_crowd
from bench.events import BOOKINGS_PER_SECOND, Burst, Pace, measure_burst, measure_pace
from bench.memory import memory_mib
from bench.nginx import Comparison, compare
from bench.office import Wait, measure_office
from bench.progress import tell
from bench.scenarios import Outcome, measure, scenarios
from bench.settle import Calm, calm_of
from bench.stack import Stack, running_stack
from bench.stopwatch import Company, idle_rates
from bench.visitors import Visitors, settle_in

PARTS = (
    "nginx",
    "catalogue",
    "preview",
    "status",
    "history",
    "login",
    "booking",
    "pace",
    "burst",
    "office",
    "customers",
)
"""What can be measured by itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each part takes, in seconds, and how large the past is."""

    load: float
    idle: float
    pace: float
    customers: int
    bookings_each: int


FULL = Plan(load=8, idle=15, pace=30, customers=8, bookings_each=25)
QUICK = Plan(load=2, idle=4, pace=6, customers=4, bookings_each=20)


@dataclass(slots=True)
class Results:
    """All figures of a run; a part that was left out is missing.

    `idle_cpu` is CPU seconds per second by process. `others_share` is the part of all cores (0 to 1) that programs took
    which have nothing to do with the measurement.
    """

    seconds: float = math.nan
    others_share: float = 0.0
    idle_cpu: dict[str, float] = field(default_factory=dict)
    memory_idle: dict[str, float] = field(default_factory=dict)
    memory_after: dict[str, float] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    comparison: Comparison | None = None
    pace: Pace | None = None
    burst: Burst | None = None
    office: list[Wait] = field(default_factory=list)
    crowd: list[Wait] = field(default_factory=list)


async def run(plan: Plan, parts: Sequence[str]) -> Results:
    """Start a stack, measure `parts` of it, stop it. Raises what the parts raise."""
    results, began = Results(), time.monotonic()
    tell("the system starts")
    async with AsyncExitStack() as open_things:
        stack = open_things.enter_context(running_stack())
        calm = await open_things.enter_async_context(calm_of(stack.databases, stack.rabbitmq_url))
        http = await open_things.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await _measure(stack, calm, http, plan, parts, results)
    results.seconds = time.monotonic() - began
    return results


async def _measure(
    stack: Stack, calm: Calm, http: aiohttp.ClientSession, plan: Plan, parts: Sequence[str], results: Results
) -> None:
    visitors, company = Visitors(http, stack.gateway_url), Company.start()
    admin = stack.content["admin"]
    await visitors.make_room(admin["email"], admin["password"])
    tell("customers register and book")
    customers, bookings = await settle_in(visitors, plan.customers, plan.bookings_each)
    await calm.settled()
    tell(f"nobody asks for anything for {plan.idle:g} s")
    results.idle_cpu = await idle_rates(stack, plan.idle)
    results.memory_idle = memory_mib(stack)
    if "nginx" in parts:
        tell("gateway against nginx")
        results.comparison = await compare(stack, customers[0].cookie, plan.load)
    for scenario in scenarios(customers, bookings):
        if scenario.part in parts:
            tell(scenario.name)
            results.outcomes.append(await measure(stack, calm, results.idle_cpu, scenario, plan.load))
    if "pace" in parts:
        tell(f"{BOOKINGS_PER_SECOND} bookings a second, each paid, for {plan.pace:g} s")
        results.pace = await measure_pace(stack, calm, results.idle_cpu, visitors, http, plan.pace)
    if "burst" in parts:
        tell("a burst of events")
        results.burst = await measure_burst(stack, calm, results.idle_cpu, plan.load)
    if "office" in parts:
        tell("the office, after years of bookings")
        results.office = await measure_office(stack, visitors, plan.load)
    if "customers" in parts:
        tell("the office, with very many customers")
        results.crowd = await measure_crowd(stack, visitors, plan.load)
    results.memory_after = memory_mib(stack)
    results.others_share = company.share()
