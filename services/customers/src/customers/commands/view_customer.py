"""A staff member looks at a customer: the look is in the audit log before anything is shown."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, Select

from customers.adapters.audit_log import log_staff_action
from customers.domain.errors import CustomerNotFound
from customers.queries.accounts import CUSTOMER_BY_ID
from customers.queries.customers import BOOKINGS_OF_CUSTOMER, LONGEST_HISTORY, NOTES_OF_CUSTOMER, PAYMENTS_OF_CUSTOMER
from customers.queries.own_data import MESSAGES, REFUNDS


@dataclass(frozen=True, slots=True)
class ViewCustomer:
    """Who looks at whom."""

    customer_id: UUID
    staff: StaffMember


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """All that staff see of a customer; of everything the latest 100."""

    customer: Row[Any]
    bookings: list[Row[Any]] = field(default_factory=list)
    payments: list[Row[Any]] = field(default_factory=list)
    refunds: list[Row[Any]] = field(default_factory=list)
    notes: list[Row[Any]] = field(default_factory=list)
    messages: list[Row[Any]] = field(default_factory=list)


async def view_customer(command: ViewCustomer, uow: UnitOfWork) -> CustomerFile:
    """Raises `CustomerNotFound`."""
    found = await read_file(uow, command.customer_id)
    about = {"customer_id": command.customer_id}
    await log_staff_action(uow, command.staff, "customer_viewed", "Customer viewed", **about)
    return found


async def read_file(uow: UnitOfWork, customer_id: UUID) -> CustomerFile:
    """The customer as they are in this transaction; raises `CustomerNotFound`."""
    customer = await uow.fetch_one(CUSTOMER_BY_ID, {"id": customer_id})
    if customer is None:
        raise CustomerNotFound()

    async def latest(statement: Select[Any], **more: Any) -> list[Row[Any]]:
        return await uow.fetch_all(statement.limit(LONGEST_HISTORY), {"id": customer_id, **more})

    return CustomerFile(
        customer=customer,
        bookings=await latest(BOOKINGS_OF_CUSTOMER),
        payments=await latest(PAYMENTS_OF_CUSTOMER),
        refunds=await latest(REFUNDS),
        notes=await latest(NOTES_OF_CUSTOMER),
        messages=await latest(MESSAGES, email=customer.email if customer.email_verified_at else ""),
    )
