import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

from customers.adapters.secret_tables import account_tokens
from httpx import Response
from shared.contracts.customers import CustomerVerified, VerificationRequested
from shared.testing.service import MovableClock, RunningService, a_customer
from sqlalchemy import func, select

from ..factories import opened, post, register

VERIFY, RESEND = "/api/customers/auth/verify-email/", "/api/customers/auth/resend-verification/"


async def links(service: RunningService) -> list[VerificationRequested]:
    return [event for event in await service.events() if isinstance(event, VerificationRequested)]


async def verify(service: RunningService, link: VerificationRequested) -> Response:
    return await post(service, VERIFY, {"token": opened(link.token_sealed)})


async def resend(service: RunningService, customer_id: UUID) -> Response:
    return await post(service, RESEND, None, a_customer(id=customer_id))


async def is_verified(service: RunningService, customer_id: UUID) -> bool:
    async with service.as_caller(a_customer(id=customer_id)) as client:
        profile = (await client.get("/api/customers/profile/")).json()["customer_profile"]
    return bool(profile["email_verified"])


async def test_who_registers_is_sent_a_link_of_three_days(service: RunningService, clock: MovableClock) -> None:
    customer_id = await register(service)
    (link,) = await links(service)
    assert (link.account_id, link.account_kind, link.email) == (customer_id, "customer", "ada@example.com")
    assert link.expires_at == clock.now + timedelta(hours=72)
    assert not await is_verified(service, customer_id)


async def test_the_link_confirms_the_address_once(service: RunningService) -> None:
    customer_id = await register(service)
    (link,) = await links(service)
    answers = await asyncio.gather(*(verify(service, link) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 4}
    assert await is_verified(service, customer_id)
    (event,) = await service.events(CustomerVerified)
    assert isinstance(event, CustomerVerified)
    assert (event.customer.id, event.customer.email_verified, event.customer.version) == (customer_id, True, 2)


async def test_only_the_hash_of_a_token_is_kept(service: RunningService) -> None:
    await register(service)
    (link,) = await links(service)
    row = await service.database.fetch_one(select(account_tokens))
    assert row is not None
    assert opened(link.token_sealed) not in str(tuple(row))


async def test_a_link_of_another_purpose_a_wrong_and_an_old_one_confirm_nothing(
    service: RunningService, clock: MovableClock
) -> None:
    await register(service)
    (link,) = await links(service)
    clock.now += timedelta(hours=72)
    wrong = [await post(service, VERIFY, {"token": token}) for token in ("x" * 43, "cut-off")]
    refused = [await verify(service, link), *wrong]
    assert [(answer.status_code, answer.json()["error_code"]) for answer in refused] == [(400, "invalid_token")] * 3
    reset = {"token": opened(link.token_sealed), "new_password": "eight green parrots"}
    clock.now -= timedelta(hours=1)
    assert (await post(service, "/api/customers/auth/password-reset/confirm/", reset)).status_code == 400


async def test_another_link_leaves_the_earlier_one_and_using_one_ends_both(
    service: RunningService, clock: MovableClock
) -> None:
    customer_id = await register(service)
    clock.now += timedelta(minutes=1)
    assert (await resend(service, customer_id)).status_code == 200
    first, second = await links(service)
    assert [(await verify(service, link)).status_code for link in (first, second)] == [200, 400]
    refused = await resend(service, customer_id)
    assert (refused.status_code, refused.json()["error_code"]) == (409, "already_verified")


async def test_whoever_asks_many_times_at_once_gets_one_more_and_five_within_an_hour(
    service: RunningService, clock: MovableClock
) -> None:
    customer_id = await register(service)
    for minute in range(1, 7):
        clock.now += timedelta(minutes=1)
        answers = await asyncio.gather(*(resend(service, customer_id) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await links(service)) == min(minute + 1, 5)


async def test_tokens_that_are_too_old_are_forgotten(service: RunningService, clock: MovableClock) -> None:
    await register(service)
    for hours, left in ((71, 1), (1, 0)):
        clock.now += timedelta(hours=hours)
        await service.run_job("forget-tokens")
        row = await service.database.fetch_one(select(func.count()).select_from(account_tokens))
        assert row is not None
        assert row[0] == left
