"""The database holds what code must not get wrong."""

import pytest
from payments.adapters.tables import ledger_entries, metadata, payment_audit, payments
from shared.db.migrations import drift
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from .factories import Shop, a_booking


def test_migrations_make_the_tables_of_the_code(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


async def test_entries_that_do_not_balance_are_refused_at_commit(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    lonely = {"fact": "charge:pi_x", "account": "stripe_balance", "amount_cents": 5, "payment_id": payment.id}
    with pytest.raises(IntegrityError, match="do not sum to zero"):
        await shop.service.put(ledger_entries, **lonely, booked_at=payment.created_at)


async def test_a_fact_is_booked_once(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    again = {"fact": f"charge:{payment.stripe_payment_intent_id}", "account": "stripe_balance", "amount_cents": 5}
    with pytest.raises(IntegrityError, match="ledger_entries_once"):
        await shop.service.put(ledger_entries, **again, payment_id=payment.id, booked_at=payment.created_at)


@pytest.mark.parametrize("table", [ledger_entries, payment_audit])
async def test_books_are_only_ever_added_to(shop: Shop, table: object) -> None:
    payment = await shop.paid(a_booking())
    for change in (update(table).values(payment_id=payment.id), delete(table)):  # type: ignore[arg-type]
        with pytest.raises(DBAPIError, match="only ever added to"):
            async with shop.service.database.transaction() as connection:
                await connection.execute(change)


async def test_a_second_live_payment_for_a_booking_is_refused(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    copy = {**payment._mapping, "id": new_id(), "stripe_payment_intent_id": "pi_other"}
    with pytest.raises(IntegrityError, match="payments_one_live"):
        async with shop.service.database.transaction() as connection:
            await connection.execute(insert(payments).values(copy))


@pytest.mark.parametrize(
    "wrong", ["amount_cents = 0", "amount_cents = 100000000", "refunded_cents = captured_cents + 1", "status = 'lost'"]
)
async def test_impossible_amounts_and_states_are_refused(shop: Shop, wrong: str) -> None:
    await shop.paid(a_booking())
    with pytest.raises(IntegrityError):
        async with shop.service.database.transaction() as connection:
            await connection.execute(text(f"UPDATE payments SET {wrong}"))
