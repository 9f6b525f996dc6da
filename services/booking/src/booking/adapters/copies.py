"""Copies of what payments owns. A copy takes only a higher version, so the order of events does not matter."""

from collections.abc import Collection
from typing import Any

from shared.contracts.payments import PaymentState, RefundState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Table, Text, bindparam, case, exists, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.listings import with_listing
from booking.adapters.tables import bookings, payments, refunds


def upsert(table: Table, texts: Collection[str] = ()) -> Any:
    """Keeps a state (its members as `new_<column>`) unless the row has a higher version already.

    `texts` are columns that stay blank when the person of the row's booking has been erased: what was told before may
    come after. The booking's lock makes sure that an erasure which is under way is seen, or sees the copy.
    """
    values: dict[str, Any] = {column.name: bindparam(f"new_{column.name}") for column in table.columns}
    values |= {name: case((_ITS_EMAIL == "", ""), else_=bindparam(f"new_{name}", type_=Text)) for name in texts}
    statement = insert(table).values(values)
    changes = {column.name: statement.excluded[column.name] for column in table.columns if column.name != "id"}
    return statement.on_conflict_do_update(
        index_elements=["id"], set_=changes, where=statement.excluded.version > table.c.version
    )


_ITS_EMAIL = (
    select(bookings.c.email)
    .where(bookings.c.id == bindparam("new_booking_id"))
    .with_for_update(read=True)
    .scalar_subquery()
)
PAYMENT_UNDER_WAY = exists().where(payments.c.booking_id == bookings.c.id, payments.c.status == "processing")
"""Holds for bookings that Stripe is working for: their time does not run out meanwhile."""

_PAYMENT = with_listing(upsert(payments))
_REFUND = upsert(refunds, texts=("reason",))


async def copy_payment(uow: UnitOfWork, payment: PaymentState) -> None:
    """Keeps the payment if it is newer than the copy."""
    uow.send(_PAYMENT, _new(payments, payment))


async def copy_refund(uow: UnitOfWork, refund: RefundState) -> None:
    """Keeps the refund if it is newer than the copy."""
    uow.send(_REFUND, _new(refunds, refund))


def _new(table: Table, state: PaymentState | RefundState) -> dict[str, Any]:
    return {f"new_{column.name}": getattr(state, column.name) for column in table.columns}
