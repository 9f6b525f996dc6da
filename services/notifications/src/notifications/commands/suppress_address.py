"""Staff keep messages back from an address, or let them through again."""

from dataclasses import dataclass
from uuid import UUID

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.identity import Caller
from sqlalchemy import bindparam, delete

from notifications.adapters.suppression_list import Channel, suppress
from notifications.adapters.tables import suppressions

_REMOVE = (
    delete(suppressions)
    .where(suppressions.c.id == bindparam("suppression_id"))
    .returning(suppressions.c.channel, suppressions.c.reason)
)


class AlreadySuppressed(Conflict):
    """The address is on the list."""

    code = "already_suppressed"
    message = "Messages to this address are kept back already."


@dataclass(frozen=True, slots=True)
class SuppressAddress:
    """Nothing goes to this address any more; `note` says why."""

    channel: Channel
    address: str
    note: str
    by: Caller


@dataclass(frozen=True, slots=True)
class LiftSuppression:
    """The address may be written to again."""

    suppression_id: UUID
    by: Caller


async def suppress_address(command: SuppressAddress, uow: UnitOfWork) -> UUID:
    """The id of the entry; raises `AlreadySuppressed`."""
    id = await suppress(uow, command.channel, command.address, "staff", "all", command.note)
    if id is None:
        raise AlreadySuppressed()
    what = f"Keeps {command.channel} back from an address ({id})."
    record_staff_action(uow, member_of(command.by), "customer_updated", what)
    return id


async def lift_suppression(command: LiftSuppression, uow: UnitOfWork) -> None:
    """Raises `NotFound`."""
    row = await uow.fetch_one(_REMOVE, {"suppression_id": command.suppression_id})
    if row is None:
        raise NotFound()
    what = f"Lets {row.channel} through again to an address kept back after: {row.reason} ({command.suppression_id})."
    record_staff_action(uow, member_of(command.by), "customer_updated", what)
