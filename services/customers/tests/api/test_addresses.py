import asyncio
from collections import Counter
from typing import Any

from shared.ids import new_id
from shared.testing.service import RunningService, a_customer

from ..factories import post, register

PATH = "/api/customers/addresses/"
HOME = {"nickname": "Home", "address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}


async def save(service: RunningService, me: Any, **values: Any) -> Any:
    return await post(service, PATH, {**HOME, **values}, me)


async def nicknames(service: RunningService, me: Any) -> list[str]:
    async with service.as_caller(me) as client:
        return [address["nickname"] for address in (await client.get(PATH)).json()["saved_addresses"]]


async def test_a_customer_saves_changes_and_removes_an_address(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    created = await save(service, me)
    address = created.json()["created_address"]
    assert (created.status_code, address["formatted_address"]) == (201, "1 Main St, New York, NY 10001")
    async with service.as_caller(me) as client:
        changed = await client.put(f"{PATH}{address['id']}/", json={**HOME, "nickname": "Flat"})
        assert (changed.status_code, changed.json()["updated_address"]["nickname"]) == (200, "Flat")
        assert (await client.delete(f"{PATH}{address['id']}/")).status_code == 200
        assert (await client.delete(f"{PATH}{address['id']}/")).status_code == 404
    assert await nicknames(service, me) == []


async def test_a_nickname_is_unique_per_customer(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    other = a_customer(id=await register(service, email="bob@example.com"))
    answers = await asyncio.gather(*(save(service, me, nickname=name) for name in ["Home", "home", "HOME"] * 3))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 8}
    assert (await save(service, other)).status_code == 201


async def test_a_change_to_a_nickname_that_is_taken_is_refused(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    await save(service, me)
    beach = (await save(service, me, nickname="Beach")).json()["created_address"]["id"]
    async with service.as_caller(me) as client:
        refused = await client.put(f"{PATH}{beach}/", json=HOME)
    assert (refused.status_code, refused.json()["error_code"]) == (409, "nickname_exists")


async def test_a_removed_nickname_is_free_again(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    first = (await save(service, me)).json()["created_address"]["id"]
    async with service.as_caller(me) as client:
        await client.delete(f"{PATH}{first}/")
    assert (await save(service, me)).status_code == 201


async def test_nobody_reaches_the_addresses_of_others(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    other = a_customer(id=await register(service, email="bob@example.com"))
    mine = (await save(service, me)).json()["created_address"]["id"]
    async with service.as_caller(other) as client:
        assert (await client.put(f"{PATH}{mine}/", json=HOME)).status_code == 404
        assert (await client.delete(f"{PATH}{mine}/")).status_code == 404
        assert (await client.put(f"{PATH}{new_id()}/", json=HOME)).status_code == 404
    assert (await nicknames(service, me), await nicknames(service, other)) == (["Home"], [])


async def test_an_address_that_is_removed_while_it_is_changed_is_gone(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    ids = [(await save(service, me, nickname=f"Flat {n}")).json()["created_address"]["id"] for n in range(10)]
    async with service.as_caller(me) as client:
        changes = [client.put(f"{PATH}{one}/", json={**HOME, "nickname": one}) for one in ids]
        answers = await asyncio.gather(*changes, *(client.delete(f"{PATH}{one}/") for one in ids))
    assert {answer.status_code for answer in answers} <= {200, 404}


async def change(service: RunningService, me: Any, address_id: str, **values: Any) -> Any:
    async with service.as_caller(me) as client:
        return await client.put(f"{PATH}{address_id}/", json=values)


async def test_what_a_change_does_not_name_stays(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    before = (await save(service, me, address_line_2="Flat 3")).json()["created_address"]
    after = await change(service, me, before["id"], delivery_instructions="Ring twice.", city=None)
    assert after.status_code == 200, after.text
    assert after.json()["updated_address"] == before | {"delivery_instructions": "Ring twice."}
    emptied = await change(service, me, before["id"], address_line_2=None, delivery_instructions="")
    assert emptied.json()["updated_address"]["formatted_address"] == "1 Main St, New York, NY 10001"


async def test_an_address_as_it_is_shown_can_be_sent_back_with_a_change(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    shown = (await save(service, me)).json()["created_address"]
    answer = await change(service, me, shown["id"], **shown | {"nickname": "Flat", "times_used": 7})
    assert answer.status_code == 200, answer.text
    assert answer.json()["updated_address"] == shown | {"nickname": "Flat"}


async def test_a_changed_part_must_go_with_the_one_that_stays(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    mine = (await save(service, me)).json()["created_address"]["id"]
    for part in ({"zip_code": "06830"}, {"state": "CT"}):
        refused = await change(service, me, mine, **part)
        assert (refused.status_code, list(refused.json()["field_errors"])) == (400, ["zip_code"]), part
    assert (await change(service, me, mine, state="CT", zip_code="06830")).status_code == 200


async def test_what_is_no_zip_code_is_told_in_words(service: RunningService) -> None:
    refused = await save(service, a_customer(id=await register(service)), zip_code="1000")
    assert refused.json()["field_errors"] == {"zip_code": ["Enter a ZIP code such as 10001 or 10001-1234."]}


WRONG_FIELDS = [
    ("nickname", " "),
    ("nickname", "x" * 51),
    ("address_line_1", ""),
    ("city", "x" * 101),
    ("state", "CA"),
    ("zip_code", "1000"),
    ("zip_code", "06830"),
    ("zip_code", "1000\n1"),
    ("zip_code", "१०००१"),
    ("delivery_instructions", "x" * 2001),
    ("times_used", 7),
]


async def test_a_wrong_field_is_named(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    for field, value in WRONG_FIELDS:
        refused = await save(service, me, **{field: value})
        named = list(refused.json().get("field_errors", ()))
        assert (refused.status_code, named) == (400, [field]), (field, value)
