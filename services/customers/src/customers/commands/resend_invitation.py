"""An invitation went astray or is too old: another one is sent, the earlier one ends."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update

from customers.adapters.audit_log import log_staff_action
from customers.adapters.links import Links
from customers.adapters.staff import Actor
from customers.adapters.tables import accounts
from customers.domain.errors import NoOpenInvitation, StaffNotFound
from customers.queries.accounts import STAFF_BY_ID


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """To the address of this account."""

    actor: Actor
    account_id: UUID


class ResendingInvitations:
    """The handler."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, command: ResendInvitation, uow: UnitOfWork) -> None:
        """Raises `StaffNotFound` or `NoOpenInvitation`."""
        account = update(accounts).where(accounts.c.id == command.account_id, accounts.c.kind == "staff")
        await uow.execute(account.values(version=accounts.c.version + 1))
        row = await uow.fetch_one(STAFF_BY_ID, {"id": command.account_id})
        if row is None:
            raise StaffNotFound()
        if not (row.is_invited and row.is_active):
            raise NoOpenInvitation()
        await self._links.invite(uow, row)
        about = {"account_id": str(row.id)}
        await log_staff_action(uow, command.actor, "staff_updated", "Invitation sent again", after=about)
