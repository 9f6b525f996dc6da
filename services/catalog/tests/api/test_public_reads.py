from typing import Any

import pytest
from catalog.api.schemas import PackagesAnswer, ServicesAnswer
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer

SERVICES = "/api/bookings/services/"
PACKAGES = "/api/bookings/services/mini-moves-with-organizing/"


async def read(service: RunningService, path: str, **headers: str) -> Any:
    async with service.as_caller(**headers) as client:
        return await client.get(path)


async def test_services_show_all_that_is_sold_in_cents_and_dollars(service: RunningService) -> None:
    answer = (await read(service, SERVICES)).json()
    ServicesAnswer.model_validate(answer, extra="forbid")
    petite = answer["mini_move_packages"][0]
    assert (petite["base_price_cents"], petite["base_price_dollars"]) == (99500, 995)
    assert answer["standard_delivery"]["same_day_flat_rate_dollars"] == 395
    assert [item["item_type"] for item in answer["specialty_items"]] == ["peloton", "surfboard", "crib", "wardrobe_box"]
    assert len(answer["organizing_services"]) == 6
    assert answer["surcharges"][0]["fixed_amount_cents"] == 5000
    assert answer["policies"]["organizing_tax_percent"] == "8.75"
    assert answer["catalog_version"] == 1
    things = [answer["standard_delivery"]]
    for kind in ("mini_move_packages", "specialty_items", "organizing_services", "surcharges"):
        things += answer[kind]
    assert all(thing["is_active"] for thing in things)


async def test_packages_come_with_the_organizing_services_of_their_tier(service: RunningService) -> None:
    answer = (await read(service, PACKAGES)).json()
    PackagesAnswer.model_validate(answer, extra="forbid")
    tiers = answer["organizing_services_by_tier"]
    assert {tier: [one["service_type"] for one in services] for tier, services in tiers.items()} == {
        tier: [f"{tier}_packing", f"{tier}_unpacking"] for tier in ("petite", "standard", "full")
    }


async def test_one_organizing_service_is_found_by_its_id(service: RunningService) -> None:
    listed = (await read(service, SERVICES)).json()["organizing_services"][2]
    one = await read(service, f"/api/bookings/services/organizing/{listed['id']}/")
    assert one.json() == listed
    assert (one.json()["price_dollars"], one.json()["supplies_allowance_dollars"]) == (3330, 350)


async def test_unknown_organizing_services_are_not_found(service: RunningService) -> None:
    assert (await read(service, f"/api/bookings/services/organizing/{new_id()}/")).status_code == 404
    wrong = await read(service, "/api/bookings/services/organizing/first/")
    assert (wrong.status_code, list(wrong.json()["field_errors"])) == (400, ["id"])


@pytest.mark.parametrize("path", [SERVICES, PACKAGES, "/api/bookings/service-area/?zip=11937&state=NY"])
async def test_a_client_that_has_the_newest_answer_gets_304(service: RunningService, path: str) -> None:
    first = await read(service, path)
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await read(service, path, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await read(service, path, **{"If-None-Match": '"other"'})).status_code == 200


async def test_the_service_area_tells_zone_and_surcharge(service: RunningService) -> None:
    montauk = await read(service, "/api/bookings/service-area/?zip=11954&state=NY")
    assert montauk.json() == {
        "serviceable": True, "zone": "amagansett_montauk", "surcharge_cents": 12000, "surcharge_dollars": 120
    }  # fmt: skip
    boston = await read(service, "/api/bookings/service-area/?zip=02116")
    assert boston.json() == {"serviceable": False, "zone": None, "surcharge_cents": None, "surcharge_dollars": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "zip"),
        ("?zip=abc", "zip"),
        ("?zip=" + "1" * 21, "zip"),
        ("?zip=11937&state=CT", "zip"),
        ("?zip=11937&state=1", "state"),
        ("?zip=11937&state=%00%00", "state"),
    ],
)
async def test_a_wrong_address_is_a_field_error(service: RunningService, query: str, field: str) -> None:
    answer = await read(service, f"/api/bookings/service-area/{query}")
    assert answer.status_code == 400
    assert list(answer.json()["field_errors"]) == [field]


async def test_customers_read_what_anonymous_visitors_read(service: RunningService) -> None:
    async with service.as_caller(a_customer()) as client:
        assert (await client.get(SERVICES)).content == (await read(service, SERVICES)).content


async def test_other_methods_are_refused(service: RunningService) -> None:
    async with service.as_caller() as client:
        answer = await client.post(SERVICES)
    assert (answer.status_code, answer.json()["error_code"]) == (405, "method_not_allowed")
