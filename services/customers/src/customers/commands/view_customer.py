"""A staff member looks at a customer: the look is in the audit log before anything is shown."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row

from customers.adapters.repository import append_audit
from customers.domain.errors import CustomerNotFound
from customers.queries.accounts import CUSTOMER_BY_ID
from customers.queries.customers import BOOKINGS_OF_CUSTOMER


@dataclass(frozen=True, slots=True)
class ViewCustomer:
    """Who looks at whom, from where."""

    customer_id: UUID
    staff_id: UUID
    ip_address: str
    user_agent: str


async def view_customer(command: ViewCustomer, uow: UnitOfWork) -> tuple[Row[Any], list[Row[Any]]]:
    """(the customer with totals, the latest bookings); raises `CustomerNotFound`."""
    customer = await uow.fetch_one(CUSTOMER_BY_ID, {"id": command.customer_id})
    if customer is None:
        raise CustomerNotFound()
    entry = AuditRecorded(
        entry_id=new_id(),
        staff_id=command.staff_id,
        action_type="customer_viewed",
        description="Customer viewed",
        customer_id=command.customer_id,
        ip_address=command.ip_address,
        user_agent=command.user_agent,
        happened_at=uow.now,
    )
    await append_audit(uow, entry)
    return customer, await uow.fetch_all(BOOKINGS_OF_CUSTOMER, {"id": command.customer_id})
