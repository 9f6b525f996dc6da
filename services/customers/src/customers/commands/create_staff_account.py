"""Somebody joins the staff."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.audit import StaffMember
from shared.clock import business_date
from shared.contracts.customers import StaffUpdated
from shared.db.unit_of_work import UnitOfWork

from customers.adapters.audit_log import log_staff_action
from customers.adapters.repository import open_account, staff_state
from customers.adapters.staff import join_staff
from customers.domain.permissions import Role
from customers.queries.accounts import STAFF_BY_ID


@dataclass(frozen=True, slots=True)
class CreateStaffAccount:
    """`employee_id` is unique among staff, if there is one. The account is hired on the business day of now."""

    email: str
    password_hash: str = field(repr=False)
    role: Role
    first_name: str
    last_name: str
    phone: str = ""
    employee_id: str | None = None


async def create_staff_account(command: CreateStaffAccount, uow: UnitOfWork) -> UUID:
    """The new account's id; raises `EmailExists` or `EmployeeIdExists`. The audit log tells of it."""
    staff_id = await open_account(
        uow,
        "staff",
        email=command.email,
        password_hash=command.password_hash,
        first_name=command.first_name,
        last_name=command.last_name,
        phone=command.phone,
    )
    await join_staff(
        uow, staff_id, role=command.role, employee_id=command.employee_id, hire_date=business_date(uow.now)
    )
    row = await uow.fetch_one(STAFF_BY_ID, {"id": staff_id})
    assert row is not None
    uow.record(StaffUpdated(staff=staff_state(row)), row.version)
    after = {"role": command.role}
    what = "Account created on the command line"
    await log_staff_action(uow, StaffMember(staff_id), "staff_updated", what, after=after)
    return staff_id
