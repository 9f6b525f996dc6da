"""The migrations make the tables that the code expects, and the service describes itself."""

import pytest
from booking.adapters.tables import bookings, metadata
from booking.service import SERVICE
from booking.settings import Settings
from cryptography.fernet import Fernet
from fastapi.routing import APIRoute
from pydantic import ValidationError
from shared.db.migrations import drift
from shared.http.access import Access
from shared.testing.service import PUBLIC_KEYS, RunningService
from sqlalchemy.exc import IntegrityError

from .factories import a_booking


async def test_the_migrated_database_is_what_the_code_expects(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "lost"},
        {"service_type": "rocket"},
        {"total_price_cents": -1},
        {"total_price_cents": 49},
        {"total_price_cents": 100_000_000},
        {"paid_cents": 100},
        {"status": "paid"},
    ],
)
async def test_the_database_refuses_impossible_bookings(service: RunningService, wrong: dict[str, object]) -> None:
    booking = a_booking(**wrong)
    with pytest.raises(IntegrityError):
        await service.put(bookings, **{column.name: getattr(booking, column.name) for column in bookings.columns})


def test_an_unsafe_setting_stops_the_start() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(
            debug=False,
            secret_key="x" * 40,
            identity_public_keys=PUBLIC_KEYS,
            identity_private_key="",
            sealing_key=Fernet.generate_key().decode(),
        )
    assert "IDENTITY_PRIVATE_KEY must be" in str(refused.value)


def test_a_key_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(debug=True, identity_private_key="no key")
    assert [error["loc"] for error in refused.value.errors()] == [("identity_private_key",)]


async def test_these_are_the_routes(service: RunningService) -> None:
    document = service.app.openapi()
    assert set(document["paths"]) == {
        "/api/bookings/pricing-preview/",
        "/api/bookings/guest-booking/",
        "/api/bookings/availability/",
        "/api/bookings/booking-status/{booking_number}/",
        "/api/bookings/booking-status/{booking_number}/cancel/",
        "/api/customers/bookings/",
        "/api/customers/bookings/create/",
        "/api/customers/bookings/{booking_id}/",
        "/api/customers/bookings/{booking_id}/cancel/",
        "/api/customers/bookings/{booking_id}/rebook/",
        "/api/customers/bookings/{booking_id}/reschedule/",
        "/api/bookings/booking-status/{booking_number}/reschedule/",
        "/api/staff/bookings/{booking_id}/price/replay/",
        "/api/staff/bookings/{booking_id}/reschedule/",
        "/api/staff/bookings/",
        "/api/staff/bookings/{booking_id}/",
        "/api/staff/bookings/create/",
        "/api/staff/dashboard/",
        "/api/staff/alerts/",
        "/api/staff/alerts/{alert_id}/clear/",
        "/api/staff/reports/bookings/",
        "/api/staff/bookings/{booking_id}/payment-link/",
        "/api/staff/bookings/{booking_id}/documents/",
        "/api/staff/bookings/{booking_id}/documents/{document_id}/",
        "/api/bookings/documents/",
        "/api/staff/ops/switches/",
        "/internal/bookings/{booking_id}/place",
        "/internal/customers/{customer_id}/data/",
        "/api/bookings/booking-status/{booking_number}/rating/",
        "/api/customers/bookings/{booking_id}/rating/",
        "/api/staff/ratings/",
        "/api/staff/logistics/crews/",
        "/api/staff/logistics/crews/{crew_id}/",
        "/api/staff/logistics/vans/",
        "/api/staff/logistics/vans/{van_id}/",
        "/api/staff/logistics/schedule/",
        "/api/staff/logistics/summary/",
        "/api/staff/logistics/run-sheet/",
        "/api/staff/logistics/crew-links/",
        "/api/staff/bookings/{booking_id}/assignment/",
        "/api/crew/{token}/",
        "/api/crew/{token}/stops/{booking_id}/{step}/",
    }


def test_every_route_names_its_rule() -> None:
    rules = {route.path: _rules(route) for route in _routes()}
    assert all(len(found) == 1 for found in rules.values())


def _routes() -> list[APIRoute]:
    settings = Settings(debug=True)
    parts = SERVICE.compose(SERVICE.platform(settings))
    return [route for router in parts.routers for route in router.routes if isinstance(route, APIRoute)]


def _rules(route: APIRoute) -> list[str]:
    return [part.call.rule for part in route.dependant.dependencies if isinstance(part.call, Access)]
