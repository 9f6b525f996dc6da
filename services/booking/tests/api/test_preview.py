"""`POST /api/bookings/pricing-preview/`."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from booking.adapters.catalog_copy import CatalogCopy
from shared.contracts.catalog import CatalogPublished
from shared.testing.service import RunningService
from shared.testing.waiting import wait_until_async

from ..factories import MONDAY, NOW, SATURDAY, dearer_catalog, id_of
from ..other_services import OtherServices

PATH = "/api/bookings/pricing-preview/"
PETITE = {"service_type": "mini_move", "package_type": "petite"}


async def preview(service: RunningService, body: Any) -> Any:
    async with service.as_caller() as client:
        return await client.post(PATH, json=body)


async def test_a_preview_shows_every_line_and_why(service: RunningService) -> None:
    answer = await preview(
        service,
        {
            "service_type": "standard_delivery", "item_count": 2, "pickup_date": SATURDAY.isoformat(),
            "pickup_zip": "10001", "pickup_state": "NY", "delivery_zip": "11954", "delivery_state": "NY",
        },
    )  # fmt: skip
    body = answer.json()
    assert answer.status_code == 200
    assert (body["base_price_dollars"], body["total_price_dollars"], body["catalog_version"]) == (190, 360, 1)
    assert [(one["type"], one["amount_cents"]) for one in body["surcharges"]] == [
        ("weekend", 5000),
        ("geographic", 12000),
    ]
    assert body["breakdown"] == {
        "base_price_cents": 19000, "surcharge_cents": 5000, "coi_fee_cents": 0, "organizing_total_cents": 0,
        "organizing_tax_cents": 0, "geographic_surcharge_cents": 12000, "time_window_surcharge_cents": 0,
        "reschedule_fee_cents": 0, "subtotal_cents": 36000, "discount_cents": 0, "price_override_cents": 0,
        "waived_cents": 0, "total_price_cents": 36000, "total_cents": 36000,
    }  # fmt: skip
    assert body["is_outside_core_area"] is True
    assert datetime.fromisoformat(body["expires_at"]) == NOW + timedelta(minutes=15)
    assert {line["catalog_version"] for line in body["explanations"]} == {1}


async def test_only_the_service_type_and_what_it_needs_are_required(service: RunningService) -> None:
    by_id = {"service_type": "mini_move", "package_id": str(id_of("full"))}
    same_day = {"service_type": "standard_delivery", "item_count": 1, "is_same_day": True}
    item = {"service_type": "specialty_item", "specialty_items": [{"item_type": "crib", "quantity": 2}]}
    answers = await asyncio.gather(*(preview(service, body) for body in (PETITE, by_id, same_day, item)))
    assert [answer.json()["total_price_dollars"] for answer in answers] == [995, 2490, 395, 700]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service_type": "rocket"}, "service_type"),
        ({"package_type": "huge"}, "package_type"),
        ({"colour": "red"}, "colour"),
        ({"include_packing": "yes"}, "include_packing"),
        ({"include_packing": 1}, "include_packing"),
        ({"item_count": "3"}, "item_count"),
        ({"item_count": 2.0}, "item_count"),
        ({"item_count": 0}, "item_count"),
        ({"item_count": 10**30}, "item_count"),
        ({"item_count": 16}, "item_count"),
        ({"pickup_date": "2020-01-01"}, "pickup_date"),
        ({"pickup_date": "tomorrow"}, "pickup_date"),
        ({"pickup_date": 1700000000}, "pickup_date"),
        ({"pickup_date": "2026-02-30"}, "pickup_date"),
        ({"pickup_time": "evening"}, "pickup_time"),
        ({"specific_pickup_hour": 9}, "specific_pickup_hour"),
        ({"pickup_zip": "90210", "pickup_state": "NY"}, "pickup_zip"),
        ({"pickup_zip": "90210"}, "pickup_zip"),
        ({"delivery_state": "NY"}, "delivery_zip"),
        ({"delivery_zip": "10001", "delivery_state": "PA"}, "delivery_state"),
        ({"discount_code": "SAVE10"}, "discount_code"),
        ({"discount_code": "a\x00b"}, "discount_code"),
    ],
)
async def test_wrong_fields_are_named(service: RunningService, changes: Any, field: str) -> None:
    answer = await preview(service, {**PETITE, **changes})
    assert answer.status_code == 400
    assert list(answer.json()["field_errors"]) == [field]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"service_type": NaN}', b"\xff", b"{", b'"x"'])
async def test_what_is_no_object_is_a_bad_request(service: RunningService, body: bytes) -> None:
    async with service.as_caller(**{"Content-Type": "application/json"}) as client:
        answer = await client.post(PATH, content=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")


async def test_a_zip_code_tells_its_state(service: RunningService) -> None:
    answer = await preview(service, {**PETITE, "delivery_zip": "06830"})
    assert answer.json()["breakdown"]["geographic_surcharge_cents"] == 22000


class Looks:
    """The looks of a running service for a newer catalogue: how many began and ended, and the pauses between them."""

    def __init__(self, catalog: CatalogCopy, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = self.ended = 0
        self.pauses: list[float] = []
        self._refresh, self._sleep, self._polling = catalog.refresh, asyncio.sleep, catalog._polling
        monkeypatch.setattr(catalog, "refresh", self._noted_refresh)
        monkeypatch.setattr(asyncio, "sleep", self._noted_sleep)

    async def _noted_refresh(self) -> None:
        self.begun += 1
        await self._refresh()
        self.ended += 1

    async def _noted_sleep(self, delay: float, result: Any = None) -> Any:
        if asyncio.current_task() is self._polling:
            self.pauses.append(delay)
        return await self._sleep(delay, result)

    async def next(self) -> None:
        """Waits for the end of the first look that is not yet begun, and for the pause that follows it."""
        ours, pauses = self.begun, len(self.pauses)

        async def is_over() -> bool:
            return self.ended > ours and len(self.pauses) > pauses

        await wait_until_async(is_over, what="the next look")


@pytest.fixture
def looks(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(next(part for part in service.parts.resources if isinstance(part, CatalogCopy)), monkeypatch)


async def test_a_new_price_is_live_within_a_second(service: RunningService, looks: Looks) -> None:
    """The first look after the event shows it, and half a second passes between two: the rest is the machine's."""
    await service.receive(CatalogPublished(catalog=dearer_catalog()))
    await looks.next()
    assert (await preview(service, PETITE)).json()["total_price_dollars"] == 1095
    assert max(looks.pauses) <= 0.5


async def test_an_older_catalogue_that_comes_late_changes_nothing(service: RunningService, looks: Looks) -> None:
    for version in (1, 3, 2):
        await service.receive(CatalogPublished(catalog=dearer_catalog(version=version)))
        await looks.next()
    assert (await preview(service, PETITE)).json()["catalog_version"] == 3


@pytest.fixture
def no_catalog(others: OtherServices) -> OtherServices:
    others.catalog = None
    return others


async def test_without_a_catalogue_prices_are_not_available_until_it_comes(
    no_catalog: OtherServices, service: RunningService
) -> None:
    answer = await preview(service, PETITE)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "catalog_unavailable")
    await service.receive(CatalogPublished(catalog=dearer_catalog()))

    async def known() -> bool:
        return (await preview(service, {**PETITE, "pickup_date": MONDAY.isoformat()})).status_code == 200

    await wait_until_async(known, what="a price")
