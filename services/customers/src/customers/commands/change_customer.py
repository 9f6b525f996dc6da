"""Staff change a customer's profile, make somebody a VIP, or note something about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, insert, select, update

from customers.adapters.audit_log import log_staff_action
from customers.adapters.people_tables import customer_notes
from customers.adapters.tables import accounts, customers
from customers.commands.update_profile import UpdateProfile, update_profile
from customers.commands.view_customer import CustomerFile, read_file
from customers.domain.errors import CustomerNotFound
from customers.domain.statistics import require_vip_change
from customers.queries.statistics import totals_in

_SET_VIP = update(customers).where(customers.c.id == bindparam("customer")).values(vip_by_hand=bindparam("vip"))
_IS_THERE = (
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("customer"), accounts.c.kind == "customer", accounts.c.erased_at.is_(None))
    .with_for_update(read=True)
)


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """`person` and `preferences` hold columns to change, `is_vip` the mark that staff set by hand, if given.

    `version`, if given, must be the present one.
    """

    customer_id: UUID
    staff: StaffMember
    version: int | None
    person: Mapping[str, Any]
    preferences: Mapping[str, Any]
    is_vip: bool | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """One more note; those of before stay as they are."""

    customer_id: UUID
    staff: StaffMember
    note: str


async def change_customer(command: ChangeCustomer, uow: UnitOfWork) -> CustomerFile:
    """The customer after it; raises `StaleVersion`, `CustomerNotFound`, `TooFewForVip` or `VipByBookings`."""
    change = UpdateProfile(command.customer_id, command.person, command.preferences, command.version)
    row = await update_profile(change, uow)
    if command.is_vip is not None:
        require_vip_change(totals_in(row), command.is_vip)
        await uow.execute(_SET_VIP, {"customer": command.customer_id, "vip": command.is_vip})
    changed = [*command.person, *command.preferences, *([] if command.is_vip is None else ["is_vip"])]
    details = {"before": {"version": row.version - 1}, "after": {"version": row.version, "changed": sorted(changed)}}
    await _audit(command, "customer_updated", "Customer changed", uow, **details)
    return await read_file(uow, command.customer_id)


async def add_note(command: AddNote, uow: UnitOfWork) -> CustomerFile:
    """The customer with the note; raises `CustomerNotFound`."""
    if not await uow.scalar(_IS_THERE, {"customer": command.customer_id}):
        raise CustomerNotFound()
    note = {"id": new_id(), "customer_id": command.customer_id, "staff_id": command.staff.id}
    await uow.execute(insert(customer_notes), {**note, "note": command.note, "written_at": uow.now})
    await _audit(command, "customer_notes_updated", "Note added", uow, after={"note_id": str(note["id"])})
    return await read_file(uow, command.customer_id)


async def _audit(command: ChangeCustomer | AddNote, action: str, what: str, uow: UnitOfWork, **details: Any) -> None:
    """Which fields changed, never what they said: the log outlives the person's data."""
    await log_staff_action(uow, command.staff, action, what, customer_id=command.customer_id, **details)
