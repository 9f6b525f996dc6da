"""How long the office waits for its lists, its search and its dashboard once there are a hundred thousand bookings."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Figures, Request, put_load
from bench.past import BOOKINGS, write_past
from bench.stack import Stack
from bench.visitors import Visitors

TARGET_MS = 200.0
"""What 99 of 100 answers must stay below."""

CONNECTIONS = 2
"""A few members of staff at once, each asking again as soon as they are answered."""

_LIST = "/api/staff/bookings/"
_PAGES: tuple[tuple[str, Sequence[str]], ...] = (
    ("first pages", [f"{_LIST}?page={page}" for page in range(1, 6)]),
    ("late pages", [f"{_LIST}?page={page}&page_size=100" for page in (200, 500, 900)]),
    (
        "filters",
        [
            f"{_LIST}?status=completed&service_type=mini_move",
            f"{_LIST}?status=paid",
            f"{_LIST}?payment_status=succeeded&service_type=specialty_item",
            f"{_LIST}?pickup_date_from=2025-01-01&pickup_date_to=2025-03-31&status=cancelled",
        ],
    ),
    (
        "orders",
        [f"{_LIST}?ordering={key}" for key in ("pickup_date", "-pickup_date", "status", "-total", "total")],
    ),
    (
        "search",
        [
            f"{_LIST}?customer_search={typed}"
            for typed in ("grace", "byron", "turing1f", "person777@example.com", "2120004321", "ada%20kn", "TT-2025")
        ],
    ),
    ("dashboard", ["/api/staff/dashboard/"]),
    ("report of a year", ["/api/staff/reports/bookings/?from=2025-01-01&to=2025-12-31"]),
)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one kind of page took."""

    name: str
    load: Figures


async def measure_office(stack: Stack, visitors: Visitors, seconds: float) -> list[Wait]:
    """Writes the past, then asks for each kind of page for `seconds`. Raises LoadFailed and Unexpected."""
    await write_past(stack.databases["booking"])
    return await ask(stack, visitors, _PAGES, seconds)


async def ask(
    stack: Stack, visitors: Visitors, pages: Sequence[tuple[str, Sequence[str]]], seconds: float
) -> list[Wait]:
    """Asks as an administrator for each kind of page for `seconds`; `pages` are names and the paths of each."""
    admin = stack.content["admin"]
    cookie = await visitors.log_in_staff(admin["email"], admin["password"])
    waits = []
    for name, paths in pages:
        requests = [Request.get(path, {"Cookie": cookie}) for path in paths]
        await put_load(stack.gateway_url, requests, 1, CONNECTIONS)
        waits.append(Wait(name, await put_load(stack.gateway_url, requests, seconds, CONNECTIONS)))
    return waits


def title() -> str:
    """What the figures are about."""
    return f"with {BOOKINGS:,} bookings"
