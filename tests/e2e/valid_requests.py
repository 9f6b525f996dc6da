"""A valid request for every operation: whose it is, what its path names, what its body holds.

An operation that is missing here fails the tests of bad input, so that none can be added without them.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from .browser import PASSWORD, Browser, a_move, in_days, some_day
from .callers import GUEST, Caller, caller_of
from .catalog_requests import CATALOG_REMOVALS, catalog_bodies
from .document import Operation
from .hiring import hire
from .world import World

BODILESS = {
    "POST /api/staff/bookings/{booking_id}/payment-link/": "the path says all",
    "POST /api/staff/alerts/{alert_id}/clear/": "the path says all",
    "POST /api/payments/webhooks/stripe/": "its bytes are Stripe's, signed as a whole",
    "POST /api/notifications/webhooks/ses/": "its bytes are Amazon's, signed as a whole",
    "POST /api/customers/unsubscribe/": "the link says all",
    "POST /api/staff/notifications/{message_id}/resend/": "the path says all",
    "DELETE /api/staff/notifications/suppressions/{suppression_id}/": "the path says all",
    "DELETE /api/staff/notifications/templates/{kind}/": "the path says all",
    "POST /api/customers/auth/logout/": "there is nothing to say",
    "POST /api/staff/auth/logout/": "there is nothing to say",
    "POST /api/customers/auth/resend-verification/": "there is nothing to say",
    "POST /api/staff/accounts/{id}/resend-invitation/": "the path says all",
    "DELETE /api/customers/auth/sessions/": "there is nothing to say",
    "DELETE /api/customers/auth/sessions/{id}/": "the path says all",
    "DELETE /api/staff/auth/sessions/": "there is nothing to say",
    "DELETE /api/staff/auth/sessions/{id}/": "the path says all",
    "DELETE /api/customers/addresses/{id}/": "the path says all",
    "POST /api/staff/customers/{id}/erase/": "the path says all",
    **dict.fromkeys(CATALOG_REMOVALS, "the path says all"),
    "DELETE /api/customers/payment-methods/{id}/": "the path says all",
    "POST /api/staff/bookings/{booking_id}/documents/": "its body is a form with a file",
    "DELETE /api/staff/bookings/{booking_id}/documents/{document_id}/": "the path says all",
    "POST /api/crew/{token}/stops/{booking_id}/{step}/": "its body is a form with pictures, or nothing",
}
CHANGES_SESSIONS = tuple(f"/auth/{what}/" for what in ("register", "login", "logout", "sessions", "sessions/{id}"))

FOR_EVERYBODY = (
    "/customers/contact/",
    "/auth/login/",
    "/auth/register/",
    "/auth/verify-email/",
    "/customers/unsubscribe/",
    "/auth/password-reset/",
    "/auth/password-reset/confirm/",
    "/auth/invite/accept/",
    "/auth/totp/verify/",
    "/auth/totp/recover/",
)
A_TOKEN = "never-issued-" + "0" * 30

A_PRICE_OF_YESTERDAY = {"expected_total_cents": 1}
"""Keeps an order that is right in all else from becoming one more booking with one more payment."""

ADDRESS = {
    "nickname": "Home",
    "address_line_1": "1 Main St",
    "address_line_2": "Apt 4",
    "city": "New York",
    "state": "NY",
    "zip_code": "10001",
    "delivery_instructions": "Ring twice.",
}


CONTACT = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "phone": "+12125550123",
    "subject": "Pianos",
    "message": "Do you move pianos?",
}


WORDING = {
    "subject": "Your booking {{ booking.number }} has expired",
    "text": "Hello {{ first_name }}, your booking {{ booking.number }} has expired.",
    "html": "<p>Hello {{ first_name }}, your booking {{ booking.number }} has expired.</p>",
    "sms": "Tote Taxi: your booking {{ booking.number }} has expired.",
    "version": 0,
}


Bodies = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Things:
    """What a customer, a guest and the office have after a while of using the product."""

    customer: Caller
    admin: Caller
    booking: dict[str, Any]
    guest_booking: dict[str, Any]
    manage_token: str
    intent: dict[str, Any]
    payment_id: str
    customer_id: str
    address_id: str
    organizing_id: str

    def entitled_to(self, operation: Operation) -> Caller:
        """Who may do it."""
        if operation.template.endswith(FOR_EVERYBODY):
            return GUEST
        if operation.template.startswith("/api/staff/"):
            return self.admin
        return self.customer if operation.template.startswith("/api/customers/") else GUEST

    def path(self, operation: Operation) -> str:
        """The operation's path to a thing that is there. A package is not: changing it would change all prices."""
        names = [parameter["name"] for parameter in operation.parameters("path")]
        return operation.template.format(**{name: self._name(operation.template, name) for name in names})

    def _name(self, template: str, parameter: str) -> str:
        match parameter, template.split("/")[2:4]:
            case "booking_number", _:
                return str(self.guest_booking["booking_number"])
            case "booking_id", [audience, _]:
                return str((self.guest_booking if audience == "staff" else self.booking)["id"])
            case "event_id", _:
                return "evt_unknown"
            case "payment_id", _:
                return self.payment_id
            case "document_id" | "crew_id" | "van_id" | "alert_id", _:
                return str(uuid4())
            case "token", _:
                return "no-link"
            case "step", _:
                return "delivered"
            case "code", ["staff", "crm"]:
                return "repeat"
            case "kind", _:
                return "booking_expired"
            case "message_id" | "suppression_id", _:
                return str(uuid4())
            case "id", ["customers", "payment-methods"]:
                return str(uuid4())
            case "id", ["customers", "addresses"]:
                return self.address_id
            case "id", ["bookings", "services"]:
                return self.organizing_id
            case "id", ["staff", "customers"] if not template.endswith("/erase/"):
                return self.customer_id
            case "id", [_, "auth"] | ["staff", "catalog" | "accounts" | "contact-messages" | "customers"]:
                return str(uuid4())
            case "service", ["staff", "ops"]:
                return "booking"
            case "id", ["staff", "ops"]:
                return str(uuid4())
            case "version", ["staff", "catalog"]:
                return "1"
        raise LookupError(f"Nothing here says what {parameter} of {template} names.")

    def bodies(self, operation: Operation) -> list[dict[str, Any]]:
        """Valid bodies that have, between them, every part that a body may have."""
        return _bodies(self)[str(operation)] if operation.body else []


async def some_things(world: World, browser: Browser, staff: Browser) -> Things:
    """Registers, books, pays and looks around."""
    account = (await browser.register())["customer_profile"]
    address = await browser.post("/api/customers/addresses/", ADDRESS)
    booked = await browser.book_as_customer()
    await browser.pay(booked.intent)
    await world.until_status(booked, "paid")
    guests = await browser.book()
    await staff.log_in_as_staff(await hire(world, "admin"))
    payment = await world.value("payments", "SELECT id FROM payments WHERE booking_id = %s", booked.id)
    return Things(
        customer=caller_of("customer", browser),
        admin=caller_of("admin", staff),
        booking=booked.answer["booking"],
        guest_booking=guests.answer["booking"],
        manage_token=guests.manage_token,
        intent=guests.intent,
        payment_id=str(payment),
        customer_id=str(account["id"]),
        address_id=address.json()["created_address"]["id"],
        organizing_id=await _organizing_id(browser.http),
    )


async def _organizing_id(http: httpx.AsyncClient) -> str:
    services = (await http.get("/api/bookings/services/")).json()
    return str(services["organizing_services"][0]["id"])


def _bodies(things: Things) -> Bodies:
    parts = (_of_bookings, _of_the_day, _of_payments, _of_accounts)
    return catalog_bodies() | {operation: bodies for part in parts for operation, bodies in part(things).items()}


def _of_bookings(things: Things) -> Bodies:
    order = {"special_instructions": "", "quote_token": None, "item_description": "", "expected_total_cents": None}
    guests, items = a_move() | order, a_move() | order
    items |= {"service_details": _specialty(), **A_PRICE_OF_YESTERDAY}
    customers = {name: value for name, value in guests.items() if name != "customer_info"} | A_PRICE_OF_YESTERDAY
    zips = {"pickup_zip": "10001", "pickup_state": "NY", "delivery_zip": "11954", "delivery_state": "NY"}
    return {
        "POST /api/bookings/pricing-preview/": [guests["service_details"] | zips, _specialty() | zips],
        "POST /api/bookings/guest-booking/": [guests, items],
        "POST /api/customers/bookings/create/": [customers],
        "POST /api/customers/bookings/{booking_id}/cancel/": [{"reason": "Changed my mind."}],
        "POST /api/bookings/booking-status/{booking_number}/cancel/": [
            {"reason": "Changed my mind.", "manage_token": things.manage_token}
        ],
        "POST /api/staff/bookings/create/": [
            guests
            | {"price_override_cents": 90000, "price_override_reason": "Neighbours.", "notify": False}
            | A_PRICE_OF_YESTERDAY,
            customers | {"customer_id": things.customer_id, "notify": True},
        ],
        "PUT /api/staff/bookings/{booking_id}/": [{"version": 1, "special_instructions": "Ring.", "reason": ""}],
        "POST /api/customers/bookings/{booking_id}/reschedule/": [_slot()],
        "POST /api/customers/bookings/{booking_id}/rebook/": [
            _slot() | {"pickup_date": "2020-01-01", "special_instructions": "As last time."}
        ],
        "POST /api/bookings/booking-status/{booking_number}/reschedule/": [
            _slot() | {"manage_token": things.manage_token}
        ],
        "POST /api/staff/bookings/{booking_id}/reschedule/": [
            _slot() | {"reason": "Snow.", "overbook_reason": "", "waive_fee": True}
        ],
        "PUT /api/staff/ops/switches/": [{"scope": "2027-12-24", "paused": False, "message": "Back on Monday."}],
    }


def _of_the_day(things: Things) -> Bodies:
    crew = {"name": f"Crew {uuid4().hex[:8]}", "members": ["Bo"], "phone": "+12125550199", "is_active": True}
    van = {"name": f"Van {uuid4().hex[:8]}", "plate": uuid4().hex[:8], "capacity": 480, "is_active": True}
    return {
        "POST /api/bookings/booking-status/{booking_number}/rating/": [
            {"rating": 5, "text": "Careful and on time.", "manage_token": things.manage_token}
        ],
        "POST /api/customers/bookings/{booking_id}/rating/": [{"rating": 4, "text": ""}],
        "POST /api/staff/logistics/crews/": [crew],
        "PUT /api/staff/logistics/crews/{crew_id}/": [crew],
        "POST /api/staff/logistics/vans/": [van],
        "PUT /api/staff/logistics/vans/{van_id}/": [van],
        "POST /api/staff/logistics/crew-links/": [{"crew_id": str(uuid4()), "date": in_days(300)}],
        "PUT /api/staff/bookings/{booking_id}/assignment/": [
            {"crew_id": None, "van_id": None, "sequence": 1, "version": None}
        ],
    }


def _of_payments(things: Things) -> Bodies:
    return {
        "POST /api/payments/create-intent/": [
            {"booking_id": things.guest_booking["id"], "amount_cents": things.guest_booking["total_price_cents"]}
        ],
        "POST /api/payments/confirm/": [
            {"payment_intent_id": things.intent["id"], "client_secret": things.intent["client_secret"]}
        ],
        "POST /api/customers/bookings/{booking_id}/pay/": [{"payment_method_id": str(uuid4())}],
        "POST /api/customers/payment-methods/": [{}],
        "POST /api/customers/payment-methods/confirm/": [{"setup_intent_id": "seti_unknown"}],
        "PUT /api/customers/payment-methods/{id}/": [{"is_default": True}],
        "POST /api/staff/payments/invoices/": [{"booking_id": things.booking["id"]}],
        "POST /api/staff/payments/{payment_id}/resolve/": [{"action": "retry", "reason": "Put right at Stripe."}],
        "POST /api/staff/stripe-events/{event_id}/resolve/": [{"action": "retry", "reason": "Put right at Stripe."}],
        "POST /api/staff/payments/{payment_id}/refunds/": [{"amount_cents": 100, "reason": "Goodwill."}],
    }


def _of_accounts(things: Things) -> Bodies:
    unknown = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    names = {"first_name": "Ada", "last_name": "Byron", "phone": "+12125550123"}
    unknown_person = names | {"email": unknown["email"], "employee_id": None, "hire_date": in_days(0)}
    wishes = {"email_notifications": True, "sms_notifications": False}
    return {
        "POST /api/customers/auth/register/": [unknown | names],
        "POST /api/customers/auth/login/": [unknown],
        "POST /api/staff/auth/login/": [unknown],
        "POST /api/customers/auth/verify-email/": [{"token": A_TOKEN}],
        "POST /api/customers/auth/password-reset/": [{"email": unknown["email"]}],
        "POST /api/customers/auth/password-reset/confirm/": [{"token": A_TOKEN, "new_password": PASSWORD}],
        "POST /api/staff/auth/password-reset/": [{"email": unknown["email"]}],
        "POST /api/staff/auth/password-reset/confirm/": [{"token": A_TOKEN, "new_password": PASSWORD}],
        "POST /api/staff/auth/invite/accept/": [{"token": A_TOKEN, "password": PASSWORD}],
        "POST /api/customers/auth/password/": [{"current_password": "not the one", "new_password": PASSWORD}],
        "PUT /api/customers/profile/": [names | {"notification_preferences": wishes}],
        "PUT /api/customers/preferences/": [wishes | {"preferred_pickup_time": "morning"}],
        "POST /api/customers/addresses/": [ADDRESS],
        "PUT /api/staff/notifications/templates/{kind}/": [WORDING],
        "POST /api/staff/notifications/templates/{kind}/preview/": [WORDING],
        "POST /api/staff/notifications/suppressions/": [
            {"email": unknown["email"], "note": "Called us."},
            {"phone": "+12125550199", "note": ""},
        ],
        "POST /api/customers/erase/": [{"password": "not the one"}],
        "POST /api/customers/contact/": [CONTACT],
        "PUT /api/staff/customers/{id}/": [names | {"notification_preferences": wishes, "is_vip": None, "version": 1}],
        "PUT /api/staff/customers/{id}/notes/": [{"notes": "Has a piano."}],
        "PUT /api/staff/contact-messages/{id}/": [{"handled": True}],
        "PUT /api/customers/addresses/{id}/": [ADDRESS],
        "POST /api/staff/auth/password/": [{"current_password": "not the one", "new_password": PASSWORD}],
        "POST /api/staff/auth/totp/verify/": [{"login_token": A_TOKEN, "code": "000000"}],
        "POST /api/staff/auth/totp/recover/": [{"login_token": A_TOKEN, "recovery_code": "a" * 16}],
        "POST /api/staff/auth/totp/enroll/": [{"password": "not the one", "code": "000000"}],
        "POST /api/staff/auth/totp/confirm/": [{"code": "000000"}],
        "POST /api/staff/auth/totp/disable/": [{"password": "not the one", "code": "000000"}],
        "POST /api/staff/accounts/": [unknown_person | {"role": "viewer", "is_active": False}],
        "PUT /api/staff/accounts/{id}/": [names | {"permissions": {"refund_payments": False}, "version": 1}],
        "POST /api/staff/ops/parked-events/": [{"service": "booking", "id": str(uuid4()), "action": "drop"}],
    }


def _slot() -> dict[str, Any]:
    return {"pickup_date": some_day(), "pickup_time": "morning_specific", "specific_pickup_hour": 9}


def _specialty() -> dict[str, Any]:
    return {
        "service_type": "specialty_item",
        "specialty_items": [{"item_type": "peloton", "quantity": 1}],
        "pickup_date": some_day(),
        "pickup_time": "morning",
    }
