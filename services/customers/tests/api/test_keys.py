"""What a customer, a visitor or the office adds with an idempotency key is added once, however often it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from customers.adapters.people_tables import contact_messages
from customers.adapters.tables import accounts, saved_addresses
from shared.contracts.customers import ContactReceived, StaffInvited
from shared.db.tables import idempotency_keys
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer
from sqlalchemy import Table, func, null, select, update

from ..factories import register
from .test_addresses import HOME
from .test_addresses import PATH as ADDRESSES
from .test_contact import FORM
from .test_staff_accounts import ACCOUNTS, ADMIN, a_member

KEY = "one-and-the-same-key"
CONTACT = "/api/customers/contact/"
PATHS: dict[str, tuple[dict[str, Any], Table]] = {
    ADDRESSES: (HOME, saved_addresses),
    CONTACT: (FORM, contact_messages),
    ACCOUNTS: (a_member(), accounts),
}


async def send(service: RunningService, path: str, caller: Caller, **changes: Any) -> Any:
    async with service.as_caller(caller, **{"Idempotency-Key": KEY}) as client:
        return await client.post(path, json=PATHS[path][0] | changes)


async def caller_for(service: RunningService, path: str) -> Caller:
    customer = a_customer(id=await register(service))
    return {ADDRESSES: customer, CONTACT: Caller(), ACCOUNTS: ADMIN}[path]


@pytest.mark.parametrize("path", PATHS)
async def test_the_same_key_gives_the_first_answer_again(service: RunningService, path: str) -> None:
    caller, count = await caller_for(service, path), select(func.count()).select_from(PATHS[path][1])
    before = await service.database.fetch_one(count)
    first, again = [await send(service, path, caller) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    after = await service.database.fetch_one(count)
    assert before is not None
    assert after is not None
    assert after[0] == before[0] + 1
    assert len([*await service.events(ContactReceived), *await service.events(StaffInvited)]) == (path != ADDRESSES)


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_that_was_never_given_is_made_up_for(service: RunningService, path: str) -> None:
    caller = await caller_for(service, path)
    first = await send(service, path, caller)
    lost = {"response_status": null(), "response_body": null()}
    earlier = idempotency_keys.c.created_at - timedelta(minutes=1)
    async with service.database.transaction() as connection:
        await connection.execute(update(idempotency_keys).values(**lost, leased_until=earlier))
    again = await send(service, path, caller)
    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize(("path", "field"), [(ADDRESSES, "city"), (CONTACT, "message"), (ACCOUNTS, "last_name")])
async def test_a_key_is_for_one_request(service: RunningService, path: str, field: str) -> None:
    caller = await caller_for(service, path)
    await send(service, path, caller)
    other = await send(service, path, caller, **{field: "Another"})
    assert (other.status_code, other.json()["error_code"]) == (422, "idempotency_key_reused")
