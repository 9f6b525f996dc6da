import asyncio
from collections import Counter

from customers.adapters.tables import accounts
from shared.contracts.customers import CustomerRegistered
from shared.testing.service import RunningService
from sqlalchemy import func, select

from ..factories import PASSWORD, a_registration, log_in, post

REGISTER = "/api/customers/auth/register/"


async def test_a_visitor_registers_and_is_logged_in(service: RunningService) -> None:
    answer = await post(service, REGISTER, a_registration(email="Ada@Example.com"))
    body = answer.json()
    assert answer.status_code == 201
    assert body["message"] == "Registration successful"
    assert (body["user"]["email"], body["user"]["full_name"]) == ("ada@example.com", "Ada Byron")
    assert (body["customer_profile"]["phone"], body["customer_profile"]["is_vip"]) == ("+12125550123", False)
    assert body["session"] == {
        "kind": "customer",
        "account_id": body["user"]["id"],
        "version": 1,
        "access_version": 1,
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Byron",
        "phone": "+12125550123",
        "role": "",
        "permissions": [],
    }


async def test_others_are_told_with_the_whole_state(service: RunningService) -> None:
    answer = await post(service, REGISTER, a_registration())
    [event] = await service.events(CustomerRegistered)
    assert isinstance(event, CustomerRegistered)
    state = event.customer
    assert (str(state.id), state.version, state.email) == (answer.json()["user"]["id"], 1, "ada@example.com")
    assert (state.first_name, state.phone, state.email_notifications) == ("Ada", "+12125550123", True)


async def test_no_password_is_kept_or_told_as_it_is(service: RunningService) -> None:
    answer = await post(service, REGISTER, a_registration())
    row = await service.database.fetch_one(select(accounts.c.password_hash))
    assert row is not None
    assert row[0].startswith("$argon2id$")
    assert PASSWORD not in answer.text + row[0] + str(await service.events())


async def test_blanks_belong_to_a_password(service: RunningService) -> None:
    await post(service, REGISTER, a_registration(password=f" {PASSWORD}"))
    assert (await log_in(service, "ada@example.com", PASSWORD)).status_code == 400
    assert (await log_in(service, "ada@example.com", f" {PASSWORD}")).status_code == 200


async def test_an_address_of_a_customer_or_of_staff_gets_the_same_refusal(
    service: RunningService, staff_email: str
) -> None:
    await post(service, REGISTER, a_registration())
    refusals = [
        await post(service, REGISTER, a_registration(email=email)) for email in ("ADA@example.com", staff_email)
    ]
    assert [refusal.status_code for refusal in refusals] == [409, 409]
    first, second = ({**refusal.json(), "timestamp": ""} for refusal in refusals)
    assert first == second
    assert first["error_code"] == "email_exists"


async def test_of_many_at_once_for_one_address_one_registers(service: RunningService) -> None:
    spellings = ["ada@example.com", "Ada@example.com", "ADA@EXAMPLE.COM", "ada@Example.Com"] * 5
    answers = await asyncio.gather(*(post(service, REGISTER, a_registration(email=email)) for email in spellings))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    count = await service.database.fetch_one(select(func.count()).select_from(accounts))
    assert count is not None
    assert (count[0], len(await service.events(CustomerRegistered))) == (1, 1)


WRONG_FIELDS = [
    ("email", "nobody"),
    ("email", "a@b.c\u0000"),
    ("email", None),
    ("email", f"{'a' * 250}@example.com"),
    ("password", "short"),
    ("password", "x" * 129),
    ("password", "password1"),
    ("password", "ada@example.com"),
    ("password", "seven\u0000blue whales"),
    ("password", 12345678),
    ("first_name", " "),
    ("first_name", "x" * 101),
    ("last_name", "By\u0007ron"),
    ("phone", "12345"),
    ("phone", "+44 20 7946 09588 99999"),
    ("phone", "١٢٣٤٥٦٧٨٩٠"),
    ("is_vip", True),
    ("kind", "staff"),
]


async def test_a_wrong_field_is_named(service: RunningService) -> None:
    for field, value in WRONG_FIELDS:
        answer = await post(service, REGISTER, a_registration(**{field: value}))
        named = list(answer.json().get("field_errors", ()))
        assert (answer.status_code, named) == (400, [field]), (field, value)


async def test_several_wrong_fields_are_named_at_once(service: RunningService) -> None:
    answer = await post(service, REGISTER, {"email": "x", "password": PASSWORD, "phone": "1"})
    assert set(answer.json()["field_errors"]) == {"email", "phone", "first_name", "last_name"}


async def test_other_json_is_refused(service: RunningService) -> None:
    for body in ([], None, "x", 1, {}):
        assert (await post(service, REGISTER, body)).status_code == 400
