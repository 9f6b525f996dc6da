import asyncio
from typing import Any

from shared.contracts.customers import CustomerUpdated
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import register

PROFILE, PREFERENCES = "/api/customers/profile/", "/api/customers/preferences/"


async def put(service: RunningService, caller: Any, path: str, body: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.put(path, json=body)


async def get(service: RunningService, caller: Any, path: str) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(path)


async def test_a_customer_sees_the_profile(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    body = (await get(service, me, PROFILE)).json()
    assert set(body) == {"user", "customer_profile", "booking_stats"}
    assert body["user"]["email"] == "ada@example.com"
    assert body["booking_stats"] == {
        "total_bookings": 0,
        "total_spent_cents": 0,
        "total_spent_dollars": 0,
        "last_booking_at": None,
        "is_vip": False,
    }


async def test_what_is_given_changes_and_others_are_told_the_whole_state(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    change = {"last_name": "King", "phone": "212.555.0199", "notification_preferences": {"sms_notifications": True}}
    body = (await put(service, me, PROFILE, change)).json()
    assert (body["user"]["first_name"], body["user"]["last_name"]) == ("Ada", "King")
    assert (body["customer_profile"]["phone"], body["customer_profile"]["version"]) == ("+12125550199", 2)
    [event] = await service.events(CustomerUpdated)
    assert isinstance(event, CustomerUpdated)
    state = event.customer
    assert (state.version, state.last_name, state.phone) == (2, "King", "+12125550199")
    assert (state.sms_notifications, state.email_notifications, state.email) == (True, True, "ada@example.com")


async def test_the_gateway_is_told_what_sessions_are_to_say_from_now_on(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    session = (await put(service, me, PROFILE, {"first_name": "Amy", "phone": "212.555.0199"})).json()["session"]
    assert (session["first_name"], session["last_name"], session["phone"]) == ("Amy", "Byron", "+12125550199")
    assert (session["account_id"], session["version"], session["access_version"]) == (str(me.id), 2, 1)


async def test_preferences_change_by_themselves(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    change = {"preferred_pickup_time": "no_time_preference", "email_notifications": False}
    changed = await put(service, me, PREFERENCES, change)
    expected = {**change, "sms_notifications": False}
    assert (changed.json(), (await get(service, me, PREFERENCES)).json()) == (expected, expected)
    assert len(await service.events(CustomerUpdated)) == 1


async def test_a_change_of_an_older_version_is_refused(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    assert (await put(service, me, PROFILE, {"first_name": "Eve", "version": 1})).status_code == 200
    stale = await put(service, me, PROFILE, {"first_name": "Amy", "version": 1})
    assert (stale.status_code, stale.json()["error_code"], stale.json()["version"]) == (409, "stale_version", 2)


async def test_changes_at_once_are_told_in_order_without_a_gap(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    await asyncio.gather(*(put(service, me, PROFILE, {"first_name": f"Ada{n}"}) for n in range(20)))
    events = await service.events(CustomerUpdated)
    assert [event.customer.version for event in events if isinstance(event, CustomerUpdated)] == list(range(2, 22))


WRONG_FIELDS = [
    ({"phone": "12"}, "phone"),
    ({"first_name": ""}, "first_name"),
    ({"preferred_pickup_time": "midnight"}, "preferred_pickup_time"),
    ({"notification_preferences": {"pigeon": True}}, "notification_preferences.pigeon"),
    ({"version": 1.5}, "version"),
    ({"version": "1"}, "version"),
    ({"version": 0}, "version"),
    ({"version": 2**63}, "version"),
    ({"notification_preferences": {"sms_notifications": "yes"}}, "notification_preferences.sms_notifications"),
    ({"is_vip": True}, "is_vip"),
    ({"email": "eve@example.com"}, "email"),
]


async def test_a_wrong_field_is_named(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    for body, field in WRONG_FIELDS:
        refused = await put(service, me, PROFILE, body)
        named = list(refused.json().get("field_errors", ()))
        assert (refused.status_code, named) == (400, [field]), body


async def test_only_customers_see_themselves(service: RunningService) -> None:
    for path in (PROFILE, PREFERENCES, "/api/customers/auth/user/", "/api/customers/addresses/"):
        assert (await get(service, Caller(), path)).status_code == 401
        assert (await get(service, a_staff_member("manage_customers"), path)).status_code == 403


async def test_a_session_of_an_account_that_is_gone_shows_nothing(service: RunningService) -> None:
    assert (await get(service, a_customer(), PROFILE)).status_code == 404
    assert (await get(service, a_customer(), "/api/customers/auth/user/")).status_code == 401
    assert (await put(service, a_customer(), PROFILE, {"first_name": "Eve"})).status_code == 404
