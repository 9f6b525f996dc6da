"""Those who use the system in a measurement: guests, and customers with a past."""

import asyncio
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import aiohttp

PASSWORD = "eleven moving vans"
CITIES = (("New York", "NY", "10001"), ("Brooklyn", "NY", "11201"), ("Southampton", "NY", "11968"))
AT_ONCE = 4
PLACES = 10_000
VARIANTS = 200
"""How many bodies of a kind are made up; after that they come again."""


class Unexpected(RuntimeError):
    """The system answered something else than was expected; the text holds the answer."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking made, with what its guest's browser got to pay it with."""

    booking_id: str
    booking_number: str
    intent_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered customer with an open session."""

    email: str
    cookie: str
    csrf_token: str


class Visitors:
    """Talks to the gateway as many browsers would: each call comes from a client of its own."""

    def __init__(self, http: aiohttp.ClientSession, gateway_url: str) -> None:
        self._http = http
        self._url = gateway_url
        self._numbers = count()

    async def register(self, email: str) -> Customer:
        """A new customer, logged in."""
        body = {
            "email": email, "password": PASSWORD, "first_name": "Grace", "last_name": "Hopper", "phone": "+12125550123"
        }  # fmt: skip
        answer, cookies = await self._post("/api/customers/auth/register/", body)
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return Customer(email, cookie, answer["csrf_token"])

    async def log_in_staff(self, email: str, password: str) -> str:
        """The cookies of a member of staff's session."""
        return (await self._staff_headers(email, password))["Cookie"]

    async def make_room(self, email: str, password: str) -> None:
        """Has every day take as many moves as a measurement may book: it is the software that is measured."""
        wanted = {"daily_capacity": dict.fromkeys(("mini_move", "standard_delivery", "specialty_item"), PLACES)}
        headers = await self._staff_headers(email, password)
        await self._send("PUT", "/api/staff/catalog/policies/", wanted, headers)

    async def _staff_headers(self, email: str, password: str) -> dict[str, str]:
        answer, cookies = await self._post("/api/staff/auth/login/", {"email": email, "password": password})
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return {"Cookie": cookie, "X-CSRFToken": answer["csrf_token"]}

    async def book_as_guest(self, number: int) -> Booked:
        """One guest's booking."""
        answer, _ = await self._post("/api/bookings/guest-booking/", guest_booking(str(number)), _key(number))
        return _booked(answer)

    async def book_as_customer(self, customer: Customer, number: int) -> Booked:
        """One customer's booking."""
        headers = {"Cookie": customer.cookie, "X-CSRFToken": customer.csrf_token} | _key(number)
        answer, _ = await self._post("/api/customers/bookings/create/", customer_booking(), headers)
        return _booked(answer)

    async def _post(
        self, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        return await self._send("POST", path, body, headers)

    async def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        number = next(self._numbers)
        client = f"{200 + number // 65536}.{number // 256 % 256}.{number % 256}.9"
        sent = {"X-Forwarded-For": client} | (headers or {})
        async with self._http.request(method, self._url + path, json=body, headers=sent) as response:
            text = await response.text()
            if response.status >= 300:
                raise Unexpected(f"{method} {path}: {response.status} {text}")
            return json.loads(text), {name: morsel.value for name, morsel in response.cookies.items()}


def _key(number: int) -> dict[str, str]:
    return {"Idempotency-Key": f"bench-seed-{number:012d}"}


def _booked(answer: dict[str, Any]) -> Booked:
    booking, intent = answer["booking"], answer["payment_intent"]
    if intent is None:
        raise Unexpected(f"The booking {booking['booking_number']} came without a payment intent.")
    return Booked(booking["id"], booking["booking_number"], intent["id"], intent["client_secret"])


def move() -> dict[str, Any]:
    """A standard delivery on some day of the next months."""
    day = datetime.now(UTC).date() + timedelta(days=random.randint(5, 350))
    return {
        "service_type": "standard_delivery",
        "item_count": random.randint(1, 6),
        "pickup_date": day.isoformat(),
        "pickup_time": "morning",
    }


def preview() -> dict[str, Any]:
    """The richest price: a mini move with packing, a certificate, a surcharge for distance."""
    day = datetime.now(UTC).date() + timedelta(days=random.randint(5, 350))
    return {
        "service_type": "mini_move",
        "package_type": random.choice(("petite", "standard", "full")),
        "include_packing": True,
        "include_unpacking": random.random() < 0.5,
        "coi_required": True,
        "pickup_date": day.isoformat(),
        "pickup_time": "morning",
        "pickup_zip": "10001",
        "pickup_state": "NY",
        "delivery_zip": "11954",
        "delivery_state": "NY",
    }


def customer_booking() -> dict[str, Any]:
    """The body of a customer's booking."""
    return {"service_details": move(), "addresses": {"pickup": _address(), "delivery": _address()}}


def guest_booking(number: str) -> dict[str, Any]:
    """The body of a guest's booking; `number` makes the guest another one."""
    guest = {"first_name": "Ada", "last_name": "Byron", "email": f"ada{number}@example.com", "phone": "+12125550123"}
    return customer_booking() | {"customer_info": guest}


def _address() -> dict[str, str]:
    city, state, zip_code = random.choice(CITIES)
    return {"address_line_1": f"{random.randint(1, 900)} Main St", "city": city, "state": state, "zip_code": zip_code}


async def settle_in(visitors: Visitors, customers: int, bookings_each: int) -> tuple[list[Customer], list[Booked]]:
    """Customers with a past: each registers and books some moves."""
    accounts = [await visitors.register(f"grace{number}@example.com") for number in range(customers)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def book(customer: Customer, number: int) -> Booked:
        async with turns:
            return await visitors.book_as_customer(customer, number)

    jobs = [book(accounts[number % customers], number) for number in range(customers * bookings_each)]
    return accounts, list(await asyncio.gather(*jobs))
