import pytest
from shared.contracts.catalog import CatalogPublished, CatalogSnapshot
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_service, a_staff_member
from shared.testing.waiting import wait_until_async

SERVICES = "/api/bookings/services/"
SAM = a_staff_member("view_catalog", "manage_catalog")


async def petite(service: RunningService) -> dict[str, object]:
    async with service.as_caller() as client:
        package: dict[str, object] = (await client.get(SERVICES)).json()["mini_move_packages"][0]
        return package


async def put(service: RunningService, body: object, caller: Caller = SAM) -> tuple[int, dict[str, object]]:
    path = f"/api/staff/catalog/packages/{(await petite(service))['id']}/"
    async with service.as_caller(caller) as client:
        answer = await client.put(path, json=body)
        return answer.status_code, answer.json()


async def test_a_new_price_is_live_for_everybody_shortly_after(service: RunningService) -> None:
    status, answer = await put(service, {"base_price_cents": 105050})
    assert (status, answer["base_price_dollars"], answer["catalog_version"]) == (200, 1050.5, 2)

    async def is_live() -> bool:
        return (await petite(service))["base_price_cents"] == 105050

    await wait_until_async(is_live, what="the new price")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"base_price_cents": -1}, "base_price_cents"),
        ({"base_price_cents": 100_000_000}, "base_price_cents"),
        ({"base_price_cents": 99.5}, "base_price_cents"),
        ({"base_price_cents": "99500"}, "base_price_cents"),
        ({"base_price_cents": None}, "base_price_cents"),
        ({"max_items": 0}, "max_items"),
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"package_type": "full"}, "package_type"),
        ([], "body"),
    ],
)
async def test_wrong_fields_are_named(service: RunningService, body: object, field: str) -> None:
    status, answer = await put(service, body)
    assert status == 400
    assert list(answer["field_errors"]) == [field]  # type: ignore[call-overload]


async def test_null_takes_the_limit_of_items_away(service: RunningService) -> None:
    status, answer = await put(service, {"max_items": None})
    assert (status, answer["max_items"], answer["base_price_cents"]) == (200, None, 99500)


@pytest.mark.parametrize(
    ("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member("view_catalog"), 403)]
)
async def test_only_staff_who_manage_the_catalogue_change_it(
    service: RunningService, caller: Caller, expected: int
) -> None:
    status, _ = await put(service, {"base_price_cents": 1}, caller)
    assert status == expected
    assert len(await service.events(CatalogPublished)) == 1


async def test_services_get_the_newest_snapshot_as_it_was_published(service: RunningService) -> None:
    await put(service, {"base_price_cents": 105000})
    async with service.as_caller(a_service()) as client:
        answer = await client.get("/internal/catalog/snapshot/")
    newest = (await service.events(CatalogPublished))[-1]
    assert isinstance(newest, CatalogPublished)
    assert CatalogSnapshot.model_validate(answer.json()) == newest.catalog


async def test_nobody_else_gets_the_internal_snapshot(service: RunningService) -> None:
    async with service.as_caller(SAM) as client:
        assert (await client.get("/internal/catalog/snapshot/")).status_code == 403


async def test_the_reads_are_in_the_api_document(service: RunningService) -> None:
    paths = service.app.openapi()["paths"]
    assert {path for path, methods in paths.items() if "get" in methods and "/staff/" not in path} == {
        SERVICES,
        "/api/bookings/services/mini-moves-with-organizing/",
        "/api/bookings/services/organizing/{id}/",
        "/api/bookings/service-area/",
        "/internal/catalog/snapshot/",
    }
