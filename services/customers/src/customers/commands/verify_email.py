"""A customer proves to own the address: the link that was sent there comes back."""

from dataclasses import dataclass, field
from typing import Any

from shared.contracts.customers import CustomerVerified
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, update

from customers.adapters.account_tokens import redeem_token
from customers.adapters.repository import customer_state
from customers.adapters.tables import accounts, customers
from customers.domain.errors import InvalidToken
from customers.queries.accounts import CUSTOMER_BY_ID

_RAISE_VERSION = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.kind == "customer")
    .values(version=accounts.c.version + 1, updated_at=bindparam("now"))
)
_VERIFY = update(customers).where(customers.c.id == bindparam("account")).values(email_verified_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """`token` is the link's."""

    token: str = field(repr=False)


async def verify_email(command: VerifyEmail, uow: UnitOfWork) -> Row[Any]:
    """The customer's row after it; raises `InvalidToken`. Guest bookings with the address follow by the event."""
    redeemed = await redeem_token(uow, command.token, "verify_email")
    if redeemed is None:
        raise InvalidToken()
    who = {"account": redeemed.account_id, "now": uow.now}
    await uow.execute(_RAISE_VERSION, who)
    await uow.execute(_VERIFY, who)
    row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": redeemed.account_id})
    assert row is not None
    uow.record(CustomerVerified(customer=customer_state(row)), row.version)
    return row
