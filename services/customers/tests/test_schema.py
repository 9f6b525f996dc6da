import pytest
from customers.adapters.tables import accounts, metadata, refund_facts
from shared.db.migrations import drift
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from .factories import BOOKED_AT, register


async def test_the_migrations_make_the_tables_of_the_code(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


async def test_the_database_refuses_an_address_that_is_not_normalized(service: RunningService) -> None:
    await register(service)
    with pytest.raises(IntegrityError, match="email_normalized"):
        async with service.database.transaction() as connection:
            await connection.execute(update(accounts).values(email="Ada@example.com"))


@pytest.mark.parametrize("cents", [-1, 100_000_000])
async def test_the_database_refuses_impossible_amounts(service: RunningService, cents: int) -> None:
    ids = {"refund_id": new_id(), "booking_id": new_id(), "payment_id": new_id()}
    with pytest.raises(IntegrityError, match="amount_cents_in_range"):
        await service.put(refund_facts, **ids, amount_cents=cents, refunded_at=BOOKED_AT)
