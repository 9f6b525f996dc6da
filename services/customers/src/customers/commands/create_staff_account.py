"""Somebody joins the staff."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.clock import business_date
from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.repository import append_audit, open_account
from customers.adapters.tables import staff
from customers.domain.errors import EmployeeIdExists
from customers.domain.permissions import Role

_JOIN = insert(staff).on_conflict_do_nothing(index_elements=["employee_id"]).returning(staff.c.id)


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
    member = {
        "id": staff_id,
        "role": command.role,
        "employee_id": command.employee_id,
        "hire_date": business_date(uow.now),
    }
    if await uow.scalar(_JOIN, member) is None:
        raise EmployeeIdExists()
    await append_audit(uow, _joined(command, staff_id, uow))
    return staff_id


def _joined(command: CreateStaffAccount, staff_id: UUID, uow: UnitOfWork) -> AuditRecorded:
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=staff_id,
        action_type="staff_updated",
        description="Account created on the command line",
        happened_at=uow.now,
        after={"role": command.role},
    )
