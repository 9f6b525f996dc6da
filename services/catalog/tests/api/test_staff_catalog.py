"""Staff keep the catalogue: each kind of thing by the same five endpoints."""

from typing import Any

import pytest
from shared.contracts.catalog import CatalogPublished
from shared.contracts.customers import AuditRecorded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member

SAM = a_staff_member("view_catalog", "manage_catalog")
VIEWER = a_staff_member("view_catalog")
BASE = "/api/staff/catalog/"

CHRISTMAS: dict[str, Any] = {
    "surcharge_type": "holiday",
    "name": "Christmas",
    "calculation_type": "percentage",
    "percentage": 12.5,
    "specific_date": "2027-12-25",
}
PIANO = {"item_type": "piano", "name": "Piano", "price_cents": 60000, "requires_van_schedule": True}
SHELTER = {"code": "shelter_island", "name": "Shelter Island", "states": ["NY"], "zip_codes": ["11964"]}
DELIVERY = {"price_per_item_cents": 10000, "minimum_charge_cents": 10000, "same_day_flat_rate_cents": 40000}

Answer = dict[str, Any]


async def ask(
    service: RunningService, method: str, path: str, body: object = None, caller: Caller = SAM
) -> tuple[int, Answer]:
    async with service.as_caller(caller) as client:
        answer = await client.request(method, BASE + path, json=body)
        return answer.status_code, answer.json()


async def first(service: RunningService, path: str, **fields: object) -> Answer:
    _, page = await ask(service, "GET", f"{path}/?page_size=100")
    found: Answer = next(item for item in page["results"] if fields.items() <= item.items())
    return found


async def newest(service: RunningService) -> Any:
    event = (await service.events(CatalogPublished))[-1]
    assert isinstance(event, CatalogPublished)
    return event.catalog


@pytest.mark.parametrize(
    ("path", "body"),
    [("surcharges", CHRISTMAS), ("specialty-items", PIANO), ("zones", SHELTER), ("delivery-configs", DELIVERY)],
)
async def test_what_is_added_is_published_shown_and_audited(service: RunningService, path: str, body: Answer) -> None:
    status, added = await ask(service, "POST", f"{path}/", body)
    assert (status, added["catalog_version"], added["is_active"]) == (201, 2, True)
    _, shown = await ask(service, "GET", f"{path}/{added['id']}/", caller=VIEWER)
    assert shown == {name: value for name, value in added.items() if name != "catalog_version"}
    assert added["id"] in (await newest(service)).model_dump_json()
    assert len(await service.events(AuditRecorded)) == 1


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("packages", {"base_price_cents": 100000}),
        ("organizing-services", {"price_cents": 100000}),
        ("specialty-items", {"price_cents": 100000}),
        ("delivery-configs", {"price_per_item_cents": 100000}),
        ("surcharges", {"fixed_amount_cents": 100000}),
        ("zones", {"name": "Elsewhere"}),
    ],
)
async def test_a_thing_as_it_is_shown_can_be_sent_back_with_a_change(
    service: RunningService, path: str, change: Answer
) -> None:
    shown = await first(service, path)
    status, changed = await ask(service, "PUT", f"{path}/{shown['id']}/", shown | change)
    assert (status, change.items() <= changed.items()) == (200, True), changed


async def test_a_price_in_dollars_alone_is_no_change(service: RunningService) -> None:
    package = await first(service, "packages")
    status, refused = await ask(service, "PUT", f"packages/{package['id']}/", {"base_price_dollars": 1})
    assert (status, list(refused["field_errors"])) == (400, ["base_price_dollars"])


async def test_what_is_taken_out_of_use_stays_for_staff_alone(service: RunningService) -> None:
    peloton = await first(service, "specialty-items", item_type="peloton")
    status, gone = await ask(service, "DELETE", f"specialty-items/{peloton['id']}/")
    assert (status, gone["is_active"]) == (200, False)
    assert "peloton" not in (await newest(service)).model_dump_json()
    _, inactive = await ask(service, "GET", "specialty-items/?is_active=false")
    assert [item["item_type"] for item in inactive["results"]] == ["peloton"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (CHRISTMAS | {"applies_saturday": True}, "specific_date"),
        (CHRISTMAS | {"specific_date": None}, "specific_date"),
        (CHRISTMAS | {"zone": "core"}, "zone"),
        (CHRISTMAS | {"fixed_amount_cents": 100}, "fixed_amount_cents"),
        (CHRISTMAS | {"percentage": 101}, "percentage"),
        (CHRISTMAS | {"percentage": 12.345}, "percentage"),
        (CHRISTMAS | {"surcharge_type": "geographic", "specific_date": None}, "zone"),
        (CHRISTMAS | {"surcharge_type": "geographic", "specific_date": None, "zone": "nowhere"}, "zone"),
    ],
)
async def test_a_wrong_mix_in_a_rule_is_refused_by_field(service: RunningService, body: Answer, field: str) -> None:
    status, answer = await ask(service, "POST", "surcharges/", body)
    assert status == 400
    assert list(answer["field_errors"]) == [field]
    assert len(await service.events(CatalogPublished)) == 1


async def test_a_change_that_makes_a_wrong_mix_is_refused_too(service: RunningService) -> None:
    _, added = await ask(service, "POST", "surcharges/", CHRISTMAS)
    status, answer = await ask(service, "PUT", f"surcharges/{added['id']}/", {"applies_sunday": True})
    assert (status, list(answer["field_errors"])) == (400, ["specific_date"])


async def test_a_rule_can_not_move_to_a_zone_that_is_not_there(service: RunningService) -> None:
    montauk = await first(service, "surcharges", zone="amagansett_montauk")
    status, answer = await ask(service, "PUT", f"surcharges/{montauk['id']}/", {"zone": "nowhere"})
    assert (status, list(answer["field_errors"])) == (400, ["zone"])


async def test_what_a_get_showed_can_be_put_back_with_its_identity(service: RunningService) -> None:
    petite = await first(service, "packages", package_type="petite")
    body = {"package_type": "petite", "name": "Petite", "base_price_cents": 100000}
    status, changed = await ask(service, "PUT", f"packages/{petite['id']}/", body)
    assert (status, changed["base_price_dollars"]) == (200, 1000)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("packages", {"package_type": "petite", "name": "Twin", "base_price_cents": 1}, "package_type"),
        ("specialty-items", PIANO | {"item_type": "peloton"}, "item_type"),
        ("zones", SHELTER | {"code": "core"}, "code"),
        ("zones", SHELTER | {"states": ["CT"]}, "zip_codes"),
        ("zones", SHELTER | {"states": ["VT"]}, "states.0"),
    ],
)
async def test_twins_and_impossible_places_are_refused(
    service: RunningService, path: str, body: Answer, field: str
) -> None:
    status, answer = await ask(service, "POST", f"{path}/", body)
    assert (status, list(answer["field_errors"])) == (400, [field])


async def test_a_new_zone_is_tried_before_the_one_for_the_rest(service: RunningService) -> None:
    await ask(service, "POST", "zones/", SHELTER)
    codes = [zone.code for zone in (await newest(service)).service_zones]
    assert codes[-2:] == ["shelter_island", "outside_core"]


async def test_a_zone_can_be_put_first(service: RunningService) -> None:
    await ask(service, "POST", "zones/", SHELTER | {"position": 0})
    assert [zone.code for zone in (await newest(service)).service_zones][:2] == ["shelter_island", "ct_nj"]


async def test_a_catalogue_too_large_for_an_event_is_refused_with_a_sentence(service: RunningService) -> None:
    long = {"price_cents": 1, "description": "x" * 2000, "name": "Thing"}
    kinds = iter(range(1000))
    while True:
        status, answer = await ask(service, "POST", "specialty-items/", {**long, "item_type": f"thing_{next(kinds)}"})
        if status != 201:
            break
    assert (status, answer["error_code"]) == (409, "catalog_too_large")
    peloton = await first(service, "specialty-items", item_type="peloton")
    status, _ = await ask(service, "PUT", f"specialty-items/{peloton['id']}/", {"price_cents": 40000})
    assert status == 200


async def test_no_address_ever_falls_through_the_zones(service: RunningService) -> None:
    rest = await first(service, "zones", code="outside_core")
    status, answer = await ask(service, "PUT", f"zones/{rest['id']}/", {"position": 0})
    assert (status, answer["error_code"]) == (409, "no_zone_for_the_rest")


async def test_a_zone_with_a_surcharge_stays(service: RunningService) -> None:
    montauk = await first(service, "zones", code="amagansett_montauk")
    status, answer = await ask(service, "DELETE", f"zones/{montauk['id']}/")
    assert (status, answer["error_code"]) == (409, "zone_in_use")
    assert len(await service.events(AuditRecorded)) == 0


async def test_the_last_standard_delivery_stays_and_a_new_one_takes_its_place(service: RunningService) -> None:
    old = await first(service, "delivery-configs")
    status, answer = await ask(service, "DELETE", f"delivery-configs/{old['id']}/")
    assert (status, answer["error_code"]) == (409, "no_standard_delivery")
    await ask(service, "POST", "delivery-configs/", DELIVERY)
    assert (await newest(service)).standard_delivery.price_per_item_cents == 10000
    _, back = await ask(service, "PUT", f"delivery-configs/{old['id']}/", {"is_active": True})
    assert (await newest(service)).standard_delivery.price_per_item_cents == back["price_per_item_cents"]


@pytest.mark.parametrize(("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member(), 403)])
async def test_the_catalogue_of_staff_is_for_staff(service: RunningService, caller: Caller, expected: int) -> None:
    for path in ("packages/", "policies/", "history/", "discount-codes/", f"zones/{new_id()}/"):
        status, _ = await ask(service, "GET", path, caller=caller)
        assert status == expected
    status, _ = await ask(service, "POST", "surcharges/", CHRISTMAS, VIEWER)
    assert status == 403


async def test_the_history_tells_who_changed_what(service: RunningService) -> None:
    await ask(service, "POST", "surcharges/", CHRISTMAS)
    petite = await first(service, "packages", package_type="petite")
    await ask(service, "PUT", f"packages/{petite['id']}/", {"base_price_cents": 1})
    _, page = await ask(service, "GET", "history/")
    assert [(change["catalog_version"], change["action"]) for change in page["results"]] == [
        (3, "changed"),
        (2, "created"),
        (1, "loaded"),
    ]
    change = page["results"][0]
    assert (change["before"]["base_price_cents"], change["after"]["base_price_cents"]) == (99500, 1)
    assert change["changed_by"] == str(SAM.id)
    _, of_package = await ask(service, "GET", f"history/?entity_id={petite['id']}")
    assert of_package["count"] == 1


async def test_every_version_can_be_read_again(service: RunningService) -> None:
    await ask(service, "POST", "surcharges/", CHRISTMAS)
    _, before = await ask(service, "GET", "history/1/")
    _, after = await ask(service, "GET", "history/2/")
    assert len(after["surcharge_rules"]) == len(before["surcharge_rules"]) + 1
    status, _ = await ask(service, "GET", "history/99/")
    assert status == 404
