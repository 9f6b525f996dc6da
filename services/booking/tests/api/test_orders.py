"""Booking a move over HTTP, with payments at the other end."""

import asyncio
from typing import Any

import pytest
from booking.domain.tokens import token_hash
from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.catalog import CatalogPublished
from shared.http.identity import Caller
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import MovableClock, RunningService, a_customer
from shared.testing.waiting import wait_until_async

from ..factories import SATURDAY, a_customers_order, an_address, an_order, dearer_catalog, quoted
from ..other_services import OtherServices

GUEST = "/api/bookings/guest-booking/"
CUSTOMER = "/api/customers/bookings/create/"
PREVIEW = "/api/bookings/pricing-preview/"


async def post(service: RunningService, body: Any, path: str = GUEST, caller: Caller = Caller(), key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with service.as_caller(caller, **headers) as client:
        return await client.post(path, json=body)


async def test_a_guest_books_and_can_pay(service: RunningService, others: OtherServices) -> None:
    answer = await post(service, an_order(special_instructions="Ring twice.\nThird floor."))
    body = answer.json()
    assert answer.status_code == 201
    booking = body["booking"]
    assert (booking["booking_number"], booking["status"]) == ("TT-20261123-0001", "pending")
    assert (booking["customer_name"], booking["customer_email"]) == ("Ada Byron", "ada@example.com")
    assert booking["total_price_cents"] == 99500 + 12000
    assert booking["pricing"]["geographic_surcharge_cents"] == 12000
    assert (booking["window_start"], booking["is_outside_core_area"]) == ("2026-11-30T13:00:00Z", True)
    assert body["payment_intent"] == {
        "id": "pi_1", "client_secret": "pi_1_secret_1", "amount_cents": 111500, "amount_dollars": 1115,
        "status": "requires_payment_method",
    }  # fmt: skip
    assert "payment_error" not in body


async def test_what_is_not_given_may_be_sent_as_null(service: RunningService) -> None:
    nothing = ("pickup_time", "specialty_items", "include_packing", "is_same_day", "coi_required", "item_count")
    order = an_order(special_instructions=None, item_description=None, details=dict.fromkeys(nothing))
    order["addresses"]["pickup"]["address_line_2"] = None
    answer = await post(service, order)
    assert answer.status_code == 201
    booking = answer.json()["booking"]
    assert (booking["pickup_time"], booking["special_instructions"]) == ("no_time_preference", "")
    assert booking["pickup_address"]["address_line_2"] == ""


async def test_the_event_tells_of_the_whole_booking(service: RunningService) -> None:
    body = (await post(service, an_order(item_description="Books"))).json()
    [created] = await service.events(BookingCreated)
    assert isinstance(created, BookingCreated)
    state = created.booking
    assert (str(state.id), state.version, state.status) == (body["booking"]["id"], 1, "pending")
    assert (state.contact.phone, state.item_description) == ("+12125550123", "Books")
    assert state.manage_token_sha256 == token_hash(body["manage_token"])
    assert Sealer(DEVELOPMENT_SEALING_KEY).open(state.manage_token_sealed) == body["manage_token"]
    assert state.expires_at is not None
    assert (state.expires_at - state.created_at).total_seconds() == 24 * 3600


async def test_a_customers_profile_says_who_books(service: RunningService) -> None:
    saved = new_id()
    order = a_customers_order(
        addresses={
            "pickup": {**an_address(), "saved_address_id": str(saved)},
            "delivery": {**an_address("2 Shore Rd", "Montauk", "NY", "11954"), "save_as": "Beach house"},
        }
    )
    customer = a_customer(first_name="Grace", last_name="Hopper")
    answer = await post(service, order, CUSTOMER, customer)
    assert (answer.status_code, answer.json()["booking"]["customer_name"]) == (201, "Grace Hopper")
    [created] = await service.events(BookingCreated)
    assert isinstance(created, BookingCreated)
    assert (created.booking.customer_id, created.booking.saved_address_ids) == (customer.id, (saved,))
    [to_save] = created.addresses_to_save
    assert (to_save.nickname, to_save.address.city) == ("Beach house", "Montauk")


async def test_customers_pages_are_for_customers(service: RunningService) -> None:
    assert (await post(service, a_customers_order(), CUSTOMER)).status_code == 401
    assert (await post(service, an_order(), CUSTOMER, a_customer())).json()["field_errors"] == {
        "customer_info": ["This field is not known."]
    }


@pytest.mark.parametrize("failing", ["error", "nonsense", "reset", "amount"])
async def test_the_booking_stands_when_payments_fails(
    service: RunningService, others: OtherServices, failing: str
) -> None:
    others.failing = failing
    answer = await post(service, an_order())
    body = answer.json()
    assert (answer.status_code, body["payment_intent"]) == (201, None)
    assert (body["payment_error"], body["booking"]["status"]) == ("payment_unavailable", "pending")


async def test_several_wrong_fields_are_told_at_once(service: RunningService) -> None:
    order = an_order(
        details={"pickup_date": "2026-11-22", "item_count": 16, "pickup_time": "morning_specific"},
        addresses={
            "pickup": an_address("  ", "", "NY", "07030"),
            "delivery": an_address(state="PA", zip_code="1"),
        },
    )
    answer = await post(service, order)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Validation failed"
    assert set(answer.json()["field_errors"]) == {
        "service_details.pickup_date", "service_details.item_count", "service_details.specific_pickup_hour",
        "addresses.pickup.address_line_1", "addresses.pickup.city", "addresses.pickup.zip_code",
        "addresses.delivery.state", "addresses.delivery.zip_code",
    }  # fmt: skip
    assert await service.events() == []


def without(*path: str) -> dict[str, Any]:
    order = an_order()
    inner: Any = order
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return order


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (without("service_details"), "service_details"),
        (without("service_details", "service_type"), "service_details.service_type"),
        (without("service_details", "pickup_date"), "service_details.pickup_date"),
        (without("customer_info"), "customer_info"),
        (without("customer_info", "email"), "customer_info.email"),
        (without("addresses", "pickup"), "addresses.pickup"),
        (without("addresses", "delivery", "zip_code"), "addresses.delivery.zip_code"),
        (an_order(details={"pickup_zip": "10001"}), "service_details.pickup_zip"),
        (an_order(details={"discount_code": "SAVE10"}), "service_details.discount_code"),
        (an_order(special_instructions="x" * 2001), "special_instructions"),
        (an_order(special_instructions="a\x00b"), "special_instructions"),
        (an_order(special_instructions=3), "special_instructions"),
        (an_order(expected_total_cents=-1), "expected_total_cents"),
        (an_order(expected_total_cents=1115.0), "expected_total_cents"),
        (an_order(is_outside_core_area=False), "is_outside_core_area"),
        (an_order(total_price_cents=50), "total_price_cents"),
    ],
)
async def test_a_wrong_field_is_named(service: RunningService, order: Any, field: str) -> None:
    answer = await post(service, order)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])


@pytest.mark.parametrize(
    "info",
    [{"email": "nobody"}, {"phone": "12"}, {"first_name": ""}, {"first_name": "x" * 101}, {"email": "a@b@c.de"}],
)
async def test_who_books_must_be_reachable(service: RunningService, info: dict[str, str]) -> None:
    order = an_order()
    order["customer_info"] |= info
    assert list((await post(service, order)).json()["field_errors"]) == [f"customer_info.{next(iter(info))}"]


async def test_what_was_quoted_is_what_is_booked(service: RunningService) -> None:
    order = an_order(details={"include_packing": True, "coi_required": True})
    quote = (await post(service, quoted(order), PREVIEW)).json()
    answer = await post(service, {**order, "quote_token": quote["quote_token"]})
    assert answer.json()["booking"]["total_price_cents"] == quote["total_price_cents"]


DELIVERY = {"service_type": "standard_delivery", "package_type": ...}
ITEMS = {"service_type": "specialty_item", "package_type": ...}


@pytest.mark.parametrize(
    "details",
    [
        {"package_type": "full", "include_packing": True, "include_unpacking": True, "coi_required": True},
        {"package_type": "standard", "pickup_time": "morning_specific", "specific_pickup_hour": 9},
        {**DELIVERY, "item_count": 3, "pickup_date": SATURDAY.isoformat()},
        {**DELIVERY, "item_count": 3, "pickup_date": "2026-11-23", "is_same_day": True},
        {**ITEMS, "specialty_items": [{"item_type": "crib"}, {"item_type": "surfboard", "quantity": 3}]},
    ],
)
async def test_every_line_of_a_booking_is_that_of_its_preview(service: RunningService, details: Any) -> None:
    order = an_order(details=details)
    quote = (await post(service, quoted(order), PREVIEW)).json()
    pricing = (await post(service, order)).json()["booking"]["pricing"]
    assert {name: pricing[name] for name in quote["breakdown"]} == quote["breakdown"]
    assert (pricing["surcharges"], pricing["explanations"]) == (quote["surcharges"], quote["explanations"])


async def dearer(service: RunningService) -> None:
    await service.receive(CatalogPublished(catalog=dearer_catalog()))

    async def live() -> bool:
        return (await post(service, quoted(an_order()), PREVIEW)).json()["catalog_version"] == 2

    await wait_until_async(live, what="the new prices")


async def test_a_quote_holds_although_prices_rise(service: RunningService) -> None:
    quote = (await post(service, quoted(an_order()), PREVIEW)).json()
    await dearer(service)
    booking = (await post(service, an_order(quote_token=quote["quote_token"]))).json()["booking"]
    assert (booking["total_price_cents"], booking["catalog_version"]) == (111500, 1)
    assert (await post(service, an_order())).json()["booking"]["total_price_cents"] == 121500


async def test_a_quote_for_another_move_is_refused_with_the_new_price(service: RunningService) -> None:
    quote = (await post(service, quoted(an_order()), PREVIEW)).json()
    answer = await post(service, an_order(details={"package_type": "full"}, quote_token=quote["quote_token"]))
    body = answer.json()
    assert (answer.status_code, body["error_code"]) == (409, "quote_mismatch")
    assert body["new_price"]["total_price_cents"] == 249000 + 12000
    again = await post(
        service, an_order(details={"package_type": "full"}, quote_token=body["new_price"]["quote_token"])
    )
    assert again.status_code == 201


async def test_a_quote_ends_after_fifteen_minutes(service: RunningService, clock: MovableClock) -> None:
    quote = (await post(service, quoted(an_order()), PREVIEW)).json()
    clock.now = clock.now.replace(minute=15)
    assert (await post(service, an_order(quote_token=quote["quote_token"]))).status_code == 409


async def test_another_total_than_expected_is_refused_with_the_new_price(service: RunningService) -> None:
    answer = await post(service, an_order(expected_total_cents=100))
    assert (answer.status_code, answer.json()["error_code"]) == (409, "price_changed")
    assert answer.json()["new_price"]["total_price_dollars"] == 1115
    assert (await post(service, an_order(expected_total_cents=111500))).status_code == 201


async def test_a_move_that_costs_nothing_is_paid_at_once(service: RunningService, others: OtherServices) -> None:
    free = [{**one, "base_price_cents": 0} for one in dearer_catalog().model_dump(mode="json")["mini_move_packages"]]
    snapshot = dearer_catalog().model_copy(update={"surcharge_rules": ()})
    packages = tuple(type(snapshot.mini_move_packages[0]).model_validate(one) for one in free)
    await service.receive(CatalogPublished(catalog=snapshot.model_copy(update={"mini_move_packages": packages})))

    async def booked() -> Any:
        body = (await post(service, an_order())).json()
        return body if body["booking"]["total_price_cents"] == 0 else None

    body = await wait_until_async(booked, what="a free booking")
    assert (body["booking"]["status"], body["payment_intent"]) == ("paid", None)
    assert "payment_error" not in body
    [paid] = await service.events(BookingPaid)
    assert isinstance(paid, BookingPaid)
    assert (paid.booking.version, paid.paid_cents, paid.payment_id) == (2, 0, None)
    assert body["booking"]["id"] not in others.asked


async def test_numbers_begin_anew_every_business_day(service: RunningService, clock: MovableClock) -> None:
    first = (await post(service, an_order())).json()["booking"]["booking_number"]
    clock.now = clock.now.replace(day=24, hour=4)
    late = (await post(service, an_order())).json()["booking"]["booking_number"]
    clock.now = clock.now.replace(hour=6)
    next_day = (await post(service, an_order())).json()["booking"]["booking_number"]
    assert [first, late, next_day] == ["TT-20261123-0001", "TT-20261123-0002", "TT-20261124-0001"]


async def test_bookings_at_once_get_different_numbers(service: RunningService) -> None:
    answers = await asyncio.gather(*(post(service, an_order()) for _ in range(50)))
    numbers = {answer.json()["booking"]["booking_number"] for answer in answers}
    assert [answer.status_code for answer in answers] == [201] * 50
    assert numbers == {f"TT-20261123-{number:04d}" for number in range(1, 51)}
