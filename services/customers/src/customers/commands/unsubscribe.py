"""A recipient wants no more of what is not transactional: the preference follows."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contracts.customers import CustomerUpdated
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, update

from customers.adapters.repository import customer_state
from customers.adapters.tables import accounts, customers
from customers.queries.accounts import CUSTOMER_BY_ID

_RAISE_VERSION = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.kind == "customer", accounts.c.erased_at.is_(None))
    .values(version=accounts.c.version + 1, updated_at=bindparam("now"))
    .returning(accounts.c.version)
)
_OFF = {
    "email": update(customers).where(customers.c.id == bindparam("account")).values(email_notifications=False),
    "sms": update(customers).where(customers.c.id == bindparam("account")).values(sms_notifications=False),
}


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """`customer_id` is null for guests, who have no preferences: notifications alone knows about them."""

    customer_id: UUID | None
    channel: Literal["email", "sms"]


async def unsubscribe(command: Unsubscribe, uow: UnitOfWork) -> None:
    """Does nothing for guests and for customers who are gone. Once more changes nothing but the version."""
    if command.customer_id is None:
        return
    version = await uow.scalar(_RAISE_VERSION, {"account": command.customer_id, "now": uow.now})
    if version is None:
        return
    await uow.execute(_OFF[command.channel], {"account": command.customer_id})
    row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": command.customer_id})
    assert row is not None
    uow.record(CustomerUpdated(customer=customer_state(row)), version)
