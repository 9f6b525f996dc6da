"""A visitor's browser: what the frontend would do, through the gateway and nothing else."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from shared.clock import business_date, utc_now

PASSWORD = "eleven moving vans"
PAYS = "pm_card_visa"
DECLINED = "pm_card_chargeDeclined"


def in_days(days: int) -> str:
    """The business date so many days from today."""
    return (business_date(utc_now()) + timedelta(days=days)).isoformat()


def some_day() -> str:
    """A working day of the next months, at which no surcharge for weekends makes a price another one."""
    day = business_date(utc_now()) + timedelta(days=random.randint(20, 200))
    return (day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)).isoformat()


def a_move(**service_details: Any) -> dict[str, Any]:
    """The body of a guest's booking: three items from Manhattan to Montauk, unless told otherwise."""
    service = {
        "service_type": "standard_delivery",
        "item_count": 3,
        "pickup_date": some_day(),
        "pickup_time": "morning",
    }
    guest = f"guest-{uuid4().hex[:12]}@example.com"
    return {
        "service_details": service | service_details,
        "customer_info": {"first_name": "Ada", "last_name": "Byron", "email": guest, "phone": "+12125550123"},
        "addresses": {
            "pickup": {"address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"},
            "delivery": {"address_line_1": "2 Shore Rd", "city": "Montauk", "state": "NY", "zip_code": "11954"},
        },
    }


@dataclass(frozen=True)
class Booked:
    """A booking as the browser knows it after the answer."""

    answer: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.answer["booking"]["id"])

    @property
    def number(self) -> str:
        return str(self.answer["booking"]["booking_number"])

    @property
    def total_cents(self) -> int:
        return int(self.answer["booking"]["total_price_cents"])

    @property
    def intent(self) -> dict[str, Any]:
        return dict(self.answer["payment_intent"])

    @property
    def manage_token(self) -> str:
        return str(self.answer["manage_token"])


PATIENCE = 60
"""Seconds."""


class Browser:
    """One visitor with cookies and an address of their own; the tests' stack trusts it as a proxy would be."""

    def __init__(self, stack: dict[str, Any], timeout: float = PATIENCE) -> None:
        self.stripe = stack["stripe"]
        address = f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        headers = {"X-Forwarded-For": address, "User-Agent": f"browser-{address}"}
        # Nothing here is encrypted, and loading the certificates would cost more than the requests.
        self.http = httpx.AsyncClient(base_url=stack["gateway_url"], headers=headers, timeout=timeout, verify=False)
        self.csrf_token = ""

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        csrf = {"X-CSRFToken": self.csrf_token} if self.csrf_token else {}
        return await self.http.post(path, json=body if body is not None else {}, headers={**csrf, **headers})

    async def register(self) -> dict[str, Any]:
        """Registers a new customer, who is logged in from then on."""
        email = f"customer-{uuid4().hex[:12]}@example.com"
        names = {"first_name": "Grace", "last_name": "Hopper", "phone": "+12125550199"}
        answer = await self.post("/api/customers/auth/register/", {"email": email, "password": PASSWORD, **names})
        assert answer.status_code == 201, answer.text
        self.csrf_token = answer.json()["csrf_token"]
        return dict(answer.json())

    async def log_in_as_admin(self, stack: dict[str, Any]) -> None:
        await self.log_in_as_staff(stack["admin"])

    async def log_in_as_staff(self, login: dict[str, str]) -> None:
        answer = await self.post("/api/staff/auth/login/", login)
        assert answer.status_code == 200, answer.text
        self.csrf_token = answer.json()["csrf_token"]

    async def book(self, body: dict[str, Any] | None = None, key: str | None = None) -> Booked:
        """Books as a guest."""
        answer = await self.post(
            "/api/bookings/guest-booking/", body or a_move(), **{"Idempotency-Key": key or uuid4().hex}
        )
        assert answer.status_code == 201, answer.text
        return Booked(answer.json())

    async def book_as_customer(self) -> Booked:
        body = {name: value for name, value in a_move().items() if name != "customer_info"}
        answer = await self.post("/api/customers/bookings/create/", body, **{"Idempotency-Key": uuid4().hex})
        assert answer.status_code == 201, answer.text
        return Booked(answer.json())

    async def pay(self, intent: dict[str, Any], card: str = PAYS) -> httpx.Response:
        """Confirms the intent with Stripe as Stripe.js does: publishable key and client secret."""
        async with httpx.AsyncClient(timeout=PATIENCE, verify=False) as stripe:
            return await stripe.post(
                f"{self.stripe['api_base']}/v1/payment_intents/{intent['id']}/confirm",
                auth=(self.stripe["publishable_key"], ""),
                data={"client_secret": intent["client_secret"], "payment_method": card},
            )

    async def confirm(self, intent: dict[str, Any]) -> httpx.Response:
        body = {"payment_intent_id": intent["id"], "client_secret": intent["client_secret"]}
        return await self.post("/api/payments/confirm/", body)

    async def status(self, booked: Booked) -> dict[str, Any]:
        """What the public status page shows to the holder of the manage token."""
        answer = await self.http.get(
            f"/api/bookings/booking-status/{booked.number}/", params={"token": booked.manage_token}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
