import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from customers.adapters.tables import accounts, staff_audit
from customers.domain.permissions import permissions_of
from httpx import Response
from shared.contracts.customers import AccessChanged, StaffInvited, StaffUpdated
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_staff_member
from sqlalchemy import select, text

from ..factories import PASSWORD, a_registration, log_in, opened, post

ACCOUNTS = "/api/staff/accounts/"
ADMIN = a_staff_member(*permissions_of("admin"), role="admin")


def a_member(**values: Any) -> dict[str, Any]:
    return {"email": "kim@totetaxi.test", "first_name": "Kim", "last_name": "Lee", "role": "operator", **values}


async def invite(service: RunningService, caller: Caller = ADMIN, **values: Any) -> Response:
    return await post(service, ACCOUNTS, a_member(**values), caller)


async def invited(service: RunningService, **values: Any) -> dict[str, Any]:
    answer = await invite(service, **values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def accept(service: RunningService, invitation: Any, password: str = PASSWORD) -> Response:
    body = {"token": opened(invitation.token_sealed), "password": password}
    return await post(service, "/api/staff/auth/invite/accept/", body)


async def joined(service: RunningService, **values: Any) -> dict[str, Any]:
    account = await invited(service, **values)
    *_, invitation = await service.events(StaffInvited)
    assert (await accept(service, invitation)).status_code == 200
    return account


def as_member(account: dict[str, Any]) -> Caller:
    return a_staff_member(*account["effective_permissions"], id=UUID(account["id"]), role=account["role"])


async def change(service: RunningService, account_id: Any, caller: Caller = ADMIN, **values: Any) -> Response:
    async with service.as_caller(caller) as client:
        return await client.put(f"{ACCOUNTS}{account_id}/", json=values)


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


async def test_an_invitation_of_three_days_sets_the_first_password_once(
    service: RunningService, clock: MovableClock
) -> None:
    account = await invited(service, employee_id="E-7", hire_date="2026-11-02", phone="212 555 0199")
    assert (account["is_invited"], account["employee_id"], account["phone"]) == (True, "E-7", "+12125550199")
    (invitation,) = await service.events(StaffInvited)
    assert isinstance(invitation, StaffInvited)
    assert invitation.expires_at == clock.now + timedelta(hours=72)
    assert list((await accept(service, invitation, "password1")).json()["field_errors"]) == ["password"]
    answers = await asyncio.gather(*(accept(service, invitation) for _ in range(3)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 2}
    assert (await log_in(service, "kim@totetaxi.test", who="staff")).status_code == 200


async def test_nobody_gets_in_before_and_a_late_invitation_is_sent_again(
    service: RunningService, clock: MovableClock
) -> None:
    account = await invited(service)
    assert (await log_in(service, "kim@totetaxi.test", "", who="staff")).status_code == 400
    clock.now += timedelta(hours=72)
    (late,) = await service.events(StaffInvited)
    assert told(await accept(service, late)) == (400, "invalid_token")
    again = f"{ACCOUNTS}{account['id']}/resend-invitation/"
    assert (await post(service, again, None, ADMIN)).status_code == 200
    _, second = await service.events(StaffInvited)
    assert (await accept(service, second)).status_code == 200
    assert told(await post(service, again, None, ADMIN)) == (409, "no_open_invitation")
    assert (await post(service, f"{ACCOUNTS}{new_id()}/resend-invitation/", None, ADMIN)).status_code == 404


async def test_everything_about_an_account_is_shown_and_listed(service: RunningService) -> None:
    account = await joined(service, permissions={"refund_payments": True, "view_catalog": False})
    await invited(service, email="lou@totetaxi.test", first_name="Lou", role="viewer")
    async with service.as_caller(ADMIN) as client:
        shown = (await client.get(f"{ACCOUNTS}{account['id']}/")).json()
        assert (await client.get(f"{ACCOUNTS}{new_id()}/")).status_code == 404
        queries = ["", "search=KIM", "role=viewer", "is_active=false", "search=%25"]
        pages = [(await client.get(f"{ACCOUNTS}?{query}")).json() for query in queries]
    assert shown == account | {"is_invited": False, "version": 2}
    assert shown["permissions"] == {"refund_payments": True, "view_catalog": False}
    assert {"refund_payments", "view_bookings"} <= set(shown["effective_permissions"])
    assert "view_catalog" not in shown["effective_permissions"]
    assert [page["count"] for page in pages] == [2, 1, 1, 0, 0]


async def test_people_are_found_by_their_whole_name(service: RunningService) -> None:
    await invited(service)
    async with service.as_caller(ADMIN) as client:
        found = [(await client.get(ACCOUNTS, params={"search": name})).json()["count"] for name in ("kim l", "Kim Lo")]
    assert found == [1, 0]


async def test_an_account_as_it_is_shown_can_be_sent_back_with_a_change(service: RunningService) -> None:
    account = await invited(service, employee_id="E-7")
    answer = await change(service, account["id"], **account | {"role": "viewer"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["role"], answer.json()["employee_id"]) == ("viewer", "E-7")


async def test_a_phone_can_be_taken_away(service: RunningService) -> None:
    account = await invited(service, phone="212 555 0199")
    assert (await change(service, account["id"], phone="")).json()["phone"] == ""
    assert list((await change(service, account["id"], phone="12")).json()["field_errors"]) == ["phone"]


async def test_an_address_is_a_customers_or_a_staff_members_also_when_both_come_at_once(
    service: RunningService,
) -> None:
    register = "/api/customers/auth/register/"
    for n in range(5):
        email = f"kim{n}@example.com"
        answers = await asyncio.gather(
            post(service, register, a_registration(email=email)),
            invite(service, email=email.upper()),
            post(service, register, a_registration(email=email)),
            invite(service, email=email),
        )
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
        assert {told(answer)[1] for answer in answers if answer.status_code == 409} == {"email_exists"}
    rows = await service.database.fetch_all(select(accounts.c.kind))
    assert len(rows) == 5


async def test_an_employee_id_can_be_taken_away_and_stays_when_nothing_is_said(service: RunningService) -> None:
    account = await invited(service, employee_id="E-7")
    assert (await change(service, account["id"], first_name="Kay")).json()["employee_id"] == "E-7"
    assert (await change(service, account["id"], employee_id=None)).json()["employee_id"] is None


async def test_an_employee_id_is_one_persons(service: RunningService) -> None:
    await invited(service, employee_id="E-7")
    assert told(await invite(service, email="lou@totetaxi.test", employee_id="E-7")) == (409, "employee_id_exists")
    other = await invited(service, email="lou@totetaxi.test")
    assert told(await change(service, other["id"], employee_id="E-7")) == (409, "employee_id_exists")
    assert told(await change(service, other["id"], email="kim@totetaxi.test")) == (409, "email_exists")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"role": "king"}, "role"),
        ({"permissions": {"fly": True}}, "permissions"),
        ({"permissions": {"view_bookings": 1}}, "permissions.view_bookings"),
        ({"employee_id": "E" * 21}, "employee_id"),
        ({"email": "nobody"}, "email"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
async def test_wrong_fields_are_named(service: RunningService, values: dict[str, Any], field: str) -> None:
    refused = await invite(service, **values)
    assert (refused.status_code, list(refused.json()["field_errors"])) == (400, [field])


@pytest.mark.parametrize(
    "values",
    [{"role": "manager"}, {"permissions": {"refund_payments": True}}, {"is_active": False}, {"email": "k@x.test"}],
)
async def test_another_access_ends_the_sessions_and_is_told(service: RunningService, values: dict[str, Any]) -> None:
    account = await joined(service)
    changed = await change(service, account["id"], **values)
    assert changed.status_code == 200
    assert changed.json()["shut_out"] == {"account_id": account["id"], "access_version": 3}
    *_, ended = await service.events(AccessChanged)
    assert isinstance(ended, AccessChanged)
    assert (str(ended.account_id), ended.access_version) == (account["id"], 3)
    *_, updated = await service.events(StaffUpdated)
    assert isinstance(updated, StaffUpdated)
    assert updated.staff.version == 3


async def test_another_name_ends_no_session_and_nothing_changed_is_nothing(service: RunningService) -> None:
    account = await joined(service)
    changed = await change(service, account["id"], first_name="Kimberley", phone="212 555 0142", version=2)
    assert (changed.json()["first_name"], changed.json()["version"]) == ("Kimberley", 3)
    assert (await change(service, account["id"], first_name="Kimberley")).json()["version"] == 3
    assert len(await service.events(AccessChanged)) == 1
    stale = await change(service, account["id"], first_name="Kay", version=2)
    assert (told(stale), stale.json()["version"]) == ((409, "stale_version"), 3)
    assert (await change(service, new_id(), first_name="Kay")).status_code == 404


async def test_whoever_is_let_go_can_not_log_in_nor_use_a_link(service: RunningService) -> None:
    account = await invited(service)
    (invitation,) = await service.events(StaffInvited)
    assert (await change(service, account["id"], is_active=False)).status_code == 200
    assert (await accept(service, invitation)).status_code == 400
    assert (await change(service, account["id"], is_active=True)).status_code == 200
    _, second = await service.events(StaffInvited)
    assert (await accept(service, second)).status_code == 200
    await change(service, account["id"], is_active=False)
    assert told(await log_in(service, "kim@totetaxi.test", who="staff")) == (400, "invalid_credentials")


async def test_every_change_is_in_the_audit_log_with_before_and_after(service: RunningService) -> None:
    account = await joined(service)
    await change(service, account["id"], role="manager", hire_date="2026-01-05")
    rows = await service.database.fetch_all(select(staff_audit).order_by(staff_audit.c.id))
    assert [row.description for row in rows] == [
        "Staff account created",
        "Invitation accepted",
        "Staff account changed",
    ]
    last, about = rows[-1], {"account_id": account["id"]}
    assert (last.action_type, last.staff_id, last.ip_address) == ("staff_updated", ADMIN.id, "203.0.113.8")
    assert last.before == about | {"role": "operator", "hire_date": account["hire_date"]}
    assert last.after == about | {"role": "manager", "hire_date": "2026-01-05"}


async def test_the_audit_log_holds_no_personal_data_of_staff(service: RunningService) -> None:
    account = await joined(service)
    await change(service, account["id"], first_name="Zyxada", phone="+12125550999", role="viewer")
    rows = await service.database.fetch_all(select(staff_audit).order_by(staff_audit.c.id))
    assert rows[-1].after["personal_fields"] == ["first_name", "phone"]
    assert "Zyxada" not in str([(row.before, row.after) for row in rows])


@pytest.mark.parametrize(
    "values", [{"role": "manager"}, {"is_active": False}, {"permissions": {"view_reports": False}}]
)
async def test_nobody_changes_their_own_rights(service: RunningService, values: dict[str, Any]) -> None:
    account = await joined(service, role="admin")
    assert told(await change(service, account["id"], as_member(account), **values)) == (409, "own_account")
    assert (await change(service, account["id"], as_member(account), first_name="Kay")).status_code == 200


async def test_of_administrators_who_demote_each_other_one_is_left(service: RunningService) -> None:
    for n in range(5):
        first, second = [await joined(service, email=f"{who}{n}@totetaxi.test", role="admin") for who in "ab"]
        everybody = [ADMIN, ADMIN] if n % 2 else [as_member(second), as_member(first)]
        answers = await asyncio.gather(
            change(service, first["id"], everybody[0], role="viewer"),
            change(service, second["id"], everybody[1], is_active=False),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
        (refused,) = [answer for answer in answers if answer.status_code == 409]
        assert told(refused) == (409, "last_admin")
        left = first if answers[0].status_code == 409 else second
        assert told(await change(service, left["id"], permissions={"manage_staff": False})) == (409, "last_admin")
        await invited(service, email=f"c{n}@totetaxi.test", role="admin")
        assert told(await change(service, left["id"], role="manager")) == (409, "last_admin")
        await joined(service, email=f"d{n}@totetaxi.test", role="admin")
        for email in ("d", left["email"][0]):
            await let_go(service, f"{email}{n}@totetaxi.test")


async def let_go(service: RunningService, email: str) -> None:
    """Without the rule that somebody has to be left."""
    async with service.database.transaction() as connection:
        statement = "UPDATE staff SET is_active = false FROM accounts WHERE accounts.id = staff.id AND email = :email"
        await connection.execute(text(statement), {"email": email})


async def test_nobody_gives_or_takes_more_rights_than_they_have(service: RunningService) -> None:
    admin = await joined(service, role="admin")
    chief = a_staff_member(*permissions_of("manager", ["manage_staff"]), role="manager")
    beyond = [
        await invite(service, chief, email="x@totetaxi.test", role="admin"),
        await invite(service, chief, email="x@totetaxi.test", permissions={"manage_operations": True}),
        await change(service, admin["id"], chief, email="mine@example.com"),
        await change(service, admin["id"], chief, role="viewer"),
    ]
    assert [told(answer) for answer in beyond] == [(403, "permission_denied")] * 4
    assert (await invite(service, chief, email="x@totetaxi.test", role="operator")).status_code == 201
