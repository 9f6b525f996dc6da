"""A visitor opens an account."""

from dataclasses import dataclass, field
from typing import Any

from shared.contracts.customers import CustomerRegistered
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, insert

from customers.adapters.links import Links
from customers.adapters.repository import customer_state, open_account
from customers.adapters.tables import customers
from customers.queries.accounts import CUSTOMER_BY_ID


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """`email` is normalized, `phone` E.164 where it can be."""

    email: str
    password_hash: str = field(repr=False)
    first_name: str
    last_name: str
    phone: str


class RegisteringCustomers:
    """The handler."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, command: RegisterCustomer, uow: UnitOfWork) -> Row[Any]:
        """The new customer's row; raises `EmailExists` for an address that is anybody's. The address is to be
        confirmed by a link."""
        customer_id = await open_account(
            uow,
            "customer",
            email=command.email,
            password_hash=command.password_hash,
            first_name=command.first_name,
            last_name=command.last_name,
            phone=command.phone,
        )
        await uow.execute(insert(customers), {"id": customer_id})
        row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": customer_id})
        assert row is not None
        uow.record(CustomerRegistered(customer=customer_state(row)), row.version)
        await self._links.verify_email(uow, row)
        return row
