"""Crews and vans are added and changed. None is ever deleted: bookings of long ago still name them."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg.errors import UniqueViolation
from shared.audit import StaffMember, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import Executable, Row, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from booking.adapters.logistics_tables import crews, vans

FleetKind = Literal["crew", "van"]
_TABLES: dict[FleetKind, Table] = {"crew": crews, "van": vans}


class AlreadyExists(Conflict):
    """Another crew or van has this name, or another van this plate; upper and lower case are the same."""

    code = "already_exists"


@dataclass(frozen=True, slots=True)
class KeepResource:
    """Add a crew or van (`id` null) or change one; `fields` are its columns, all of a new one."""

    kind: FleetKind
    id: UUID | None
    fields: dict[str, Any]
    staff: StaffMember
    key: IdempotencyKey | None = None


async def keep_resource(command: KeepResource, uow: UnitOfWork) -> Row[Any]:
    """The crew or van afterwards; raises `NotFound`, `AlreadyExists` and what `claim` raises."""
    table = _TABLES[command.kind]
    if command.id is not None:
        changed = {**command.fields, "updated_at": uow.now}
        statement = update(table).where(table.c.id == command.id).values(changed).returning(table)
        return await _kept(command, uow, command.id, statement)
    attempt = new_id()
    made = await claim(uow, command.key, attempt)
    if made != attempt:
        return await _required(uow, table, made)
    values = {**command.fields, "id": made, "created_at": uow.now, "updated_at": uow.now}
    return await _kept(command, uow, made, insert(table).values(values).returning(table))


async def _kept(command: KeepResource, uow: UnitOfWork, resource_id: UUID, statement: Executable) -> Row[Any]:
    table = _TABLES[command.kind]
    before = await uow.fetch_one(select(table).where(table.c.id == bindparam("wanted")), {"wanted": resource_id})
    try:
        kept = await uow.fetch_one(statement)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise AlreadyExists(f"There is a {command.kind} with this name or plate already.") from None
        raise
    if kept is None:
        raise NotFound()
    _record(command, uow, before, kept)
    return kept


async def _required(uow: UnitOfWork, table: Table, resource_id: UUID) -> Row[Any]:
    found = await uow.fetch_one(select(table).where(table.c.id == bindparam("wanted")), {"wanted": resource_id})
    assert found is not None, "what a key made is there"
    return found


def _record(command: KeepResource, uow: UnitOfWork, before: Row[Any] | None, after: Row[Any]) -> None:
    """Names of crews and vans are the company's; members and phones of people stay out of the record."""
    done = f"{'Changed' if before else 'Added'} {command.kind} {after.name}."
    states = {"before": _shown(before) if before else None, "after": _shown(after)}
    record_staff_action(uow, command.staff, "operations_changed", done, **states)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {"id": str(row.id), "name": row.name, "is_active": row.is_active}
