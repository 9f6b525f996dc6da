"""Staff change the terms of business."""

from typing import Any

import pytest
from shared.contracts.catalog import CatalogPublished
from shared.testing.service import RunningService, a_staff_member

SAM = a_staff_member("view_catalog", "manage_catalog")
POLICIES = "/api/staff/catalog/policies/"


async def put(service: RunningService, body: object) -> tuple[int, dict[str, Any]]:
    async with service.as_caller(SAM) as client:
        answer = await client.put(POLICIES, json=body)
        return answer.status_code, answer.json()


async def test_a_changed_policy_is_published_and_the_others_stay(service: RunningService) -> None:
    status, changed = await put(service, {"blackout_dates": ["2027-12-25"], "late_reschedule_fee_cents": 7500})
    assert (status, changed["catalog_version"], changed["late_reschedule_fee_dollars"]) == (200, 2, 75)
    event = (await service.events(CatalogPublished))[-1]
    assert isinstance(event, CatalogPublished)
    assert [str(day) for day in event.catalog.policies.blackout_dates] == ["2027-12-25"]
    assert event.catalog.policies.unpaid_expiry_hours == 24
    async with service.as_caller(SAM) as client:
        assert (await client.get(POLICIES)).json() == changed


async def test_the_terms_as_they_are_shown_can_be_sent_back_with_a_change(service: RunningService) -> None:
    async with service.as_caller(SAM) as client:
        shown = (await client.get(POLICIES)).json()
    status, changed = await put(service, shown | {"late_reschedule_fee_cents": 7500})
    assert (status, changed["late_reschedule_fee_cents"], changed["late_reschedule_fee_dollars"]) == (200, 7500, 75)
    status, refused = await put(service, {"late_reschedule_fee_dollars": 80})
    assert (status, list(refused["field_errors"])) == (400, ["late_reschedule_fee_dollars"])


CAPACITY = {"mini_move": 11, "standard_delivery": 12, "specialty_item": 13}
FEES = {"mini_move": {"petite": 0, "standard": 17500, "full": 0}, "standard_delivery": 0, "specialty_item": None}


@pytest.mark.parametrize(
    ("setting", "first", "change", "expected"),
    [
        ("daily_capacity", CAPACITY, {"mini_move": 8}, CAPACITY | {"mini_move": 8}),
        ("daily_capacity", CAPACITY, {}, CAPACITY),
        ("time_window_fees_cents", FEES, {"standard_delivery": None}, FEES | {"standard_delivery": None}),
        (
            "time_window_fees_cents",
            FEES,
            {"mini_move": {"full": None}},
            FEES | {"mini_move": {"petite": 0, "standard": 17500, "full": None}},
        ),
        ("time_window_fees_cents", FEES, {"mini_move": 500}, FEES | {"mini_move": 500}),
    ],
)
async def test_what_is_not_named_keeps_its_value(
    service: RunningService, setting: str, first: dict[str, Any], change: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert (await put(service, {setting: first}))[0] == 200
    status, changed = await put(service, {setting: change})
    assert (status, changed[setting]) == (200, expected)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"organizing_tax_percent": 101}, "organizing_tax_percent"),
        ({"organizing_tax_percent": "NaN"}, "organizing_tax_percent"),
        ({"same_day_cutoff": "25:00"}, "same_day_cutoff"),
        ({"cancellation_tiers": []}, "cancellation_tiers"),
        (
            {
                "cancellation_tiers": [
                    {"hours_before": 48, "refund_percent": 50},
                    {"hours_before": 24, "refund_percent": 100},
                ]
            },
            "cancellation_tiers",
        ),
        ({"pickup_windows": {"morning": ["08:00", "11:00"]}}, "pickup_windows"),
        (
            {"pickup_windows": {"morning": ["11:00", "08:00"], "no_time_preference": ["08:00", "18:00"]}},
            "pickup_windows.morning",
        ),
        ({"daily_capacity": {"mini_move": -1}}, "daily_capacity.mini_move"),
        ({"blackout_dates": ["2027-12-25", "2027-12-25"]}, "blackout_dates"),
        ({"unpaid_expiry_hours": None}, "unpaid_expiry_hours"),
        ({"geographic_charge": "twice"}, "geographic_charge"),
    ],
)
async def test_wrong_terms_are_named(service: RunningService, body: object, field: str) -> None:
    status, answer = await put(service, body)
    assert (status, list(answer["field_errors"])) == (400, [field])
