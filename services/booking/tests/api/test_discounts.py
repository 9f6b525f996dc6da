"""Discount codes: their limits, counted with the booking, and what gives a use back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from booking.adapters.sales_tables import discount_codes, discount_redemptions
from booking.domain.discounts import UNUSABLE
from shared.contracts.booking import DiscountRedeemed, DiscountReleased
from shared.contracts.catalog import CatalogPublished, DiscountCodeChanged, DiscountCodeState
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from shared.testing.waiting import wait_until_async
from sqlalchemy import func, select

from ..factories import NOW, a_customers_order, an_order, cheaper_catalog, quoted

PATH = "/api/customers/bookings"
GUEST = "/api/bookings/guest-booking/"
PREVIEW = "/api/bookings/pricing-preview/"
FIELD = "service_details.discount_code"


def a_code(**values: Any) -> DiscountCodeState:
    defaults: dict[str, Any] = {
        "id": new_id(), "version": 1, "code": "SAVE10", "discount_type": "percentage", "value": "10",
        "max_uses": None, "max_uses_per_customer": 100, "valid_from": NOW - timedelta(days=1),
    }  # fmt: skip
    return DiscountCodeState(**{**defaults, **values})


async def publish(service: RunningService, **values: Any) -> DiscountCodeState:
    code = a_code(**values)
    await service.receive(DiscountCodeChanged(discount_code=code))
    return code


async def order(service: RunningService, customer: Caller, code: str = "save10", **details: Any) -> Any:
    body = a_customers_order(details={"discount_code": code, **details})
    async with service.as_caller(customer) as client:
        return await client.post(f"{PATH}/create/", json=body)


async def uses(service: RunningService) -> int:
    """How often the code is used, by its count and by its redemptions, which must agree."""
    row = await service.database.fetch_one(select(discount_codes.c.uses))
    open_ones = await service.database.fetch_one(
        select(func.count()).select_from(discount_redemptions).where(discount_redemptions.c.released_at.is_(None))
    )
    assert row is not None
    assert open_ones is not None
    assert row[0] == open_ones[0]
    return int(row[0])


async def test_a_code_takes_its_share_off_and_is_counted(service: RunningService) -> None:
    code = await publish(service)
    ada = a_customer()
    booking = (await order(service, ada)).json()["booking"]
    assert (booking["discount_code"], booking["pricing"]["discount_cents"]) == ("SAVE10", 11_150)
    [redeemed] = await service.events(DiscountRedeemed)
    assert isinstance(redeemed, DiscountRedeemed)
    redemption = redeemed.redemption
    assert (redemption.code_id, redemption.customer_id, redemption.amount_cents, redemption.version) == (
        code.id, ada.id, 11_150, 1
    )  # fmt: skip
    assert await uses(service) == 1


async def test_fifty_at_once_for_the_last_use(service: RunningService) -> None:
    await publish(service, max_uses=2)
    assert (await order(service, a_customer())).status_code == 201
    answers = await asyncio.gather(*(order(service, a_customer()) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 49
    assert {tuple(answer.json().get("field_errors", {})) for answer in answers} == {(), (FIELD,)}
    assert (await uses(service), len(await service.events(DiscountRedeemed))) == (2, 2)


async def test_one_customers_many_orders_at_once_use_it_once(service: RunningService) -> None:
    await publish(service, max_uses_per_customer=1)
    ada = a_customer()
    answers = await asyncio.gather(*(order(service, ada) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 9
    assert (await order(service, a_customer(email="grace@example.com"))).status_code == 201


async def book_as_guest(service: RunningService, email: str) -> int:
    body = an_order(details={"discount_code": "SAVE10"})
    body["customer_info"]["email"] = email
    async with service.as_caller() as client:
        return (await client.post("/api/bookings/guest-booking/", json=body)).status_code


async def test_an_account_does_not_double_what_one_address_may_use(service: RunningService) -> None:
    await publish(service, max_uses_per_customer=1)
    ada, grace = a_customer(), a_customer(email="grace@example.com")
    assert (await order(service, ada)).status_code == 201
    assert await book_as_guest(service, "ADA@example.com") == 400
    assert await book_as_guest(service, "grace@example.com") == 201
    assert (await order(service, grace)).status_code == 400
    body = quoted(a_customers_order(details={"discount_code": "SAVE10"}))
    async with service.as_caller(grace) as client:
        assert (await client.post(PREVIEW, json=body)).status_code == 400
    assert await uses(service) == 2


async def test_a_use_is_told_anew_when_a_move_changes_what_it_takes_off(service: RunningService) -> None:
    await publish(service)
    ada = a_customer()
    delivery = {"service_type": "standard_delivery", "package_type": ..., "item_count": 2}
    booking = (await order(service, ada, **delivery, pickup_date="2026-12-02")).json()["booking"]
    async with service.as_caller(ada) as client:
        for day in ("2026-12-05", "2026-12-12"):
            slot = {"pickup_date": day, "pickup_time": "morning"}
            await client.post(f"{PATH}/{booking['id']}/reschedule/", json=slot)
        await client.post(f"{PATH}/{booking['id']}/cancel/")
    told = [*await service.events(DiscountRedeemed), *await service.events(DiscountReleased)]
    amounts = [(one.redemption.version, one.redemption.amount_cents) for one in told]  # type: ignore[attr-defined]
    assert amounts == [(1, 3_100), (2, 3_600), (3, 3_600)]


async def test_a_guest_is_known_by_the_address_however_it_is_written(service: RunningService) -> None:
    await publish(service, max_uses_per_customer=1)
    emails = ("ada@example.com", "ADA@Example.com", "grace@example.com")
    statuses = [await book_as_guest(service, email) for email in emails]
    assert statuses == [201, 400, 201]


@pytest.mark.parametrize(
    "terms",
    [
        {"is_active": False},
        {"valid_from": NOW + timedelta(seconds=1)},
        {"valid_until": NOW},
        {"max_uses": 0},
        {"max_uses_per_customer": 0},
        {"minimum_order_cents": 111_501},
        {"allowed_service_types": ("specialty_item",)},
        {"code": "OTHER"},
    ],
)
async def test_every_reason_is_refused_with_the_same_words(service: RunningService, terms: dict[str, Any]) -> None:
    await publish(service, **terms)
    answer = await order(service, a_customer())
    assert (answer.status_code, answer.json()["field_errors"]) == (400, {FIELD: [UNUSABLE]})


async def test_a_preview_checks_the_limits_and_counts_nothing(service: RunningService) -> None:
    await publish(service, max_uses=1)
    ada = a_customer()
    body = quoted(a_customers_order(details={"discount_code": "SAVE10"}))
    async with service.as_caller(ada) as client:
        assert [(await client.post(PREVIEW, json=body)).status_code for _ in range(2)] == [200, 200]
        assert await uses(service) == 0
        await order(service, ada)
        assert (await client.post(PREVIEW, json=body)).json()["field_errors"] == {"discount_code": [UNUSABLE]}


@pytest.mark.parametrize(
    "changes",
    [{"value": "5"}, {"discount_type": "fixed", "value": "100"}, {"minimum_order_cents": 200_000}],
)
async def test_a_quote_holds_although_the_terms_of_its_code_change(
    service: RunningService, changes: dict[str, Any]
) -> None:
    code = await publish(service)
    details = {"discount_code": "save10"}
    async with service.as_caller() as client:
        quote = (await client.post(PREVIEW, json=quoted(an_order(details=details)))).json()
        await publish(service, id=code.id, version=2, **changes)
        answer = await client.post(GUEST, json=an_order(details=details, quote_token=quote["quote_token"]))
    pricing = answer.json()["booking"]["pricing"]
    assert {name: pricing[name] for name in quote["breakdown"]} == quote["breakdown"]
    assert pricing["discount_cents"] == 11_150
    path = f"/api/staff/bookings/{answer.json()['booking']['id']}/price/replay/"
    async with service.as_caller(a_staff_member("view_bookings")) as client:
        assert (await client.get(path)).json()["agrees"]


async def test_a_quote_holds_although_its_code_is_not_meant_for_the_new_price(service: RunningService) -> None:
    await publish(service, minimum_order_cents=111_500)
    details = {"discount_code": "save10"}
    async with service.as_caller() as client:
        quote = (await client.post(PREVIEW, json=quoted(an_order(details=details)))).json()
        await service.receive(CatalogPublished(catalog=cheaper_catalog()))

        async def live() -> bool:
            return (await client.post(PREVIEW, json=quoted(an_order()))).json()["catalog_version"] == 2

        await wait_until_async(live, what="the new prices")
        orders = [an_order(details=details, quote_token=token) for token in (quote["quote_token"], None)]
        held, anew = [await client.post(GUEST, json=order) for order in orders]
    assert held.json()["booking"]["total_price_cents"] == quote["total_price_cents"] == 100_350
    assert (anew.status_code, list(anew.json()["field_errors"])) == (400, [FIELD])


async def test_a_cancellation_gives_the_use_back_once(service: RunningService) -> None:
    await publish(service, max_uses=1)
    ada = a_customer()
    booking = (await order(service, ada)).json()["booking"]
    async with service.as_caller(ada) as client:
        path = f"{PATH}/{booking['id']}/cancel/"
        answers = await asyncio.gather(*(client.post(path) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    [released] = await service.events(DiscountReleased)
    assert isinstance(released, DiscountReleased)
    assert released.redemption.version == 2
    assert await uses(service) == 0
    assert (await order(service, ada)).status_code == 201


async def test_an_expiry_gives_the_use_back(service: RunningService, clock: MovableClock) -> None:
    await publish(service)
    await order(service, a_customer())
    clock.now += timedelta(hours=24)
    await service.run_job("expire-unpaid")
    assert (await uses(service), len(await service.events(DiscountReleased))) == (0, 1)


async def test_a_refused_booking_uses_nothing(service: RunningService) -> None:
    await publish(service)
    answer = await order(service, a_customer(), pickup_date="2026-11-01")
    assert (answer.status_code, await uses(service)) == (400, 0)


async def test_an_older_state_of_a_code_changes_nothing(service: RunningService) -> None:
    newest = await publish(service, version=3, value="20")
    await order(service, a_customer())
    await service.receive(DiscountCodeChanged(discount_code=newest.model_copy(update={"version": 2, "value": 10})))
    row = await service.database.fetch_one(select(discount_codes.c.version, discount_codes.c.value))
    assert row is not None
    assert (row.version, int(row.value), await uses(service)) == (3, 20, 1)
