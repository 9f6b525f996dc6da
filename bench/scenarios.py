"""What is measured through the gateway: each is a few requests, sent again and again."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import per_request
from bench.load import Figures, Request, put_load
from bench.settle import Calm
from bench.stack import Stack
from bench.stopwatch import Stopwatch
from bench.visitors import PASSWORD, VARIANTS, Booked, Customer, guest_booking, preview


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request. `target_ms` is the CPU it may cost; `monolith` is what the system before this one needed.

    `part` is what it is called on the command line. The monolith's figures are CPU milliseconds per request and
    requests per second on two cores.
    """

    part: str
    name: str
    target_ms: float | None
    monolith: tuple[float, float | None]
    requests: Sequence[Request]
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario's figures: `cpu_ms` is CPU milliseconds per request by process, everything put off counted in."""

    name: str
    target_ms: float | None
    monolith: tuple[float, float | None]
    load: Figures
    cpu_ms: dict[str, float]


def scenarios(customers: Sequence[Customer], bookings: Sequence[Booked]) -> list[Scenario]:
    """All of them, the one last that leaves most work behind."""
    histories = [Request.get("/api/customers/bookings/", {"Cookie": one.cookie}) for one in customers]
    statuses = [Request.get(f"/api/bookings/booking-status/{one.booking_number}/") for one in bookings]
    logins = [
        Request.post("/api/customers/auth/login/", {"email": one.email, "password": PASSWORD}) for one in customers
    ]
    previews = [Request.post("/api/bookings/pricing-preview/", preview()) for _ in range(VARIANTS)]
    key = {"Idempotency-Key": "bench-load-{n}-0000"}
    guests = [Request.post("/api/bookings/guest-booking/", guest_booking("{n}"), key) for _ in range(VARIANTS)]
    return [
        Scenario("catalogue", "catalogue", 0.5, (1.2, 1580), [Request.get("/api/bookings/services/")]),
        Scenario("preview", "preview", 1.2, (3.4, 564), previews),
        Scenario("status", "booking status", 1.7, (3.4, 569), statuses),
        Scenario("history", "customer's history", 3.0, (10.0, 193), histories),
        Scenario("login", "login", None, (220.0, None), logins, connections=4),
        Scenario("booking", "guest booking", 9.0, (9.2, 206), guests),
    ]


async def measure(stack: Stack, calm: Calm, idle: dict[str, float], scenario: Scenario, seconds: float) -> Outcome:
    """Warm up, wait for calm, put load for `seconds`, wait for calm again; `idle` is CPU seconds per second.

    Raises NeverSettled, LoadFailed, ProcessChanged.
    """
    await put_load(stack.gateway_url, scenario.requests, 1, scenario.connections)
    await calm.settled()
    with_load = Stopwatch.start(stack)
    figures = await put_load(stack.gateway_url, scenario.requests, seconds, scenario.connections)
    await calm.settled()
    spent, elapsed = with_load.stop()
    cpu = per_request(spent, idle, elapsed, figures.requests)
    return Outcome(scenario.name, scenario.target_ms, scenario.monolith, figures, cpu)
