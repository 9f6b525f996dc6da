"""Staff make discount codes; each is published by itself."""

import asyncio
from typing import Any

import pytest
from shared.contracts.booking import DiscountRedeemed, DiscountReleased
from shared.contracts.booking_state import Redemption
from shared.contracts.catalog import CatalogPublished, DiscountCodeChanged
from shared.contracts.customers import AuditRecorded
from shared.ids import new_id
from shared.testing.service import RunningService, a_staff_member

SAM = a_staff_member("view_catalog", "manage_catalog")
CODES = "/api/staff/catalog/discount-codes/"
WELCOME: dict[str, Any] = {"code": "welcome10", "discount_type": "percentage", "value": 10, "max_uses": 100}


async def ask(service: RunningService, method: str, path: str = "", body: object = None) -> tuple[int, dict[str, Any]]:
    async with service.as_caller(SAM) as client:
        answer = await client.request(method, CODES + path, json=body)
        return answer.status_code, answer.json()


async def test_a_new_code_is_told_to_everyone_outside_the_snapshot(service: RunningService) -> None:
    status, made = await ask(service, "POST", "", WELCOME)
    assert (status, made["code"], made["value"], made["times_used"]) == (201, "WELCOME10", 10, 0)
    (event,) = await service.events(DiscountCodeChanged)
    assert isinstance(event, DiscountCodeChanged)
    assert (str(event.discount_code.id), event.discount_code.version) == (made["id"], 1)
    assert len(await service.events(CatalogPublished)) == 1
    assert len(await service.events(AuditRecorded)) == 1


async def test_each_change_is_a_new_version_of_the_code(service: RunningService) -> None:
    _, made = await ask(service, "POST", "", WELCOME)
    _, changed = await ask(service, "PUT", f"{made['id']}/", {"max_uses": 5, "code": "Welcome10"})
    _, gone = await ask(service, "DELETE", f"{made['id']}/")
    assert (changed["version"], changed["max_uses"], gone["version"], gone["is_active"]) == (2, 5, 3, False)
    events = [event for event in await service.events(DiscountCodeChanged) if isinstance(event, DiscountCodeChanged)]
    assert [event.discount_code.is_active for event in events] == [True, True, False]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 100.5}, "value"),
        ({"discount_type": "fixed", "value": 10.5}, "value"),
        ({"code": "a b"}, "code"),
        ({"code": "ab\n"}, "code"),
        ({"valid_from": "2027-01-02T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}, "valid_until"),
        ({"valid_until": "2027-01-01T00:00:00"}, "valid_until"),
        ({"allowed_service_types": ["mini_move", "mini_move"]}, "allowed_service_types"),
        ({"max_uses_per_customer": 0}, "max_uses_per_customer"),
    ],
)
async def test_wrong_terms_are_named(service: RunningService, fields: dict[str, Any], field: str) -> None:
    status, answer = await ask(service, "POST", "", WELCOME | fields)
    assert (status, list(answer["field_errors"])) == (400, [field])


async def test_without_a_beginning_a_code_is_valid_from_now_on(service: RunningService) -> None:
    _, made = await ask(service, "POST", "", WELCOME | {"valid_from": "2027-01-01T00:00:00Z"})
    status, changed = await ask(service, "PUT", f"{made['id']}/", {"valid_from": None})
    assert (status, changed["valid_from"]) == (200, changed["updated_at"])


async def test_a_code_is_one_in_any_case_even_when_made_twice_at_once(service: RunningService) -> None:
    spellings = ["welcome10", "WELCOME10", "Welcome10"] * 4
    answers = await asyncio.gather(*(ask(service, "POST", "", WELCOME | {"code": code}) for code in spellings))
    assert sorted(status for status, _ in answers) == [201] + [400] * 11
    assert len(await service.events(DiscountCodeChanged)) == 1


async def test_uses_are_counted_once_and_given_back_in_any_order(service: RunningService) -> None:
    _, made = await ask(service, "POST", "", WELCOME)
    uses = [
        Redemption(id=new_id(), version=1, code_id=made["id"], code="WELCOME10", booking_id=new_id(), amount_cents=500)
        for _ in range(3)
    ]
    released = uses[0].model_copy(update={"version": 2})
    await service.receive(DiscountReleased(redemption=released))
    for use in uses * 2:
        await service.receive(DiscountRedeemed(redemption=use))
    _, shown = await ask(service, "GET", f"{made['id']}/")
    assert (shown["times_used"], shown["discounted_cents"]) == (2, 1000)
    _, found = await ask(service, "GET", "?code=welcome10&is_active=true")
    assert (found["count"], found["results"][0]["times_used"]) == (1, 2)
