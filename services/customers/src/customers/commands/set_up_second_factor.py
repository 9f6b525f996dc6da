"""A staff member sets up a second factor, puts another one in its place, or goes without again."""

from dataclasses import dataclass, field
from typing import Any

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Unauthenticated
from sqlalchemy import Row

from customers.adapters.audit_log import log_staff_action
from customers.adapters.repository import change_access
from customers.adapters.second_factors import SecondFactors
from customers.adapters.staff import Actor
from customers.commands.record_failed_login import count_failure, taken_failures
from customers.domain.errors import NoSecondFactor, SecondFactorRequired, StaffNotFound
from customers.domain.staff_rights import needs_second_factor
from customers.queries.accounts import STAFF_BY_EMAIL, STAFF_BY_ID


@dataclass(frozen=True, slots=True)
class EnrollSecondFactor:
    """`code` is of the second factor in use, if there is one."""

    actor: Actor
    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmSecondFactor:
    """`code` is of the app that was just set up."""

    actor: Actor
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DisableSecondFactor:
    """`code` is of the app or a recovery code."""

    actor: Actor
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """For somebody who lost the phone and the recovery codes. `email` is the account's."""

    email: str


class SettingUpSecondFactors:
    """The handlers. Wrong codes of a factor in use count as failed logins; who sets the first one up may try again."""

    def __init__(self, second_factors: SecondFactors, required: bool) -> None:
        """`required` is whether those who let others in may not go without."""
        self._second_factors = second_factors
        self._required = required

    async def enroll(self, command: EnrollSecondFactor, uow: UnitOfWork) -> str | None:
        """The new secret; nothing for a wrong code. Raises `Locked`."""
        row = await _own(command.actor, uow)
        if row.has_second_factor and not await self._proves(uow, row, command.code or ""):
            return None
        return await self._second_factors.begin(uow, command.actor.id)

    async def confirm(self, command: ConfirmSecondFactor, uow: UnitOfWork) -> tuple[Row[Any], list[str]] | None:
        """(the account with the only access version that sessions may still have, new recovery codes).

        Nothing for a wrong code or if nothing was set up.
        """
        codes = await self._second_factors.confirm(uow, command.actor.id, command.code)
        if codes is None:
            return None
        return await _changed(command.actor, "Second factor set up", uow), codes

    async def disable(self, command: DisableSecondFactor, uow: UnitOfWork) -> Row[Any] | None:
        """The account as in `confirm`; nothing for a wrong code.

        Raises `NoSecondFactor`, `SecondFactorRequired` or `Locked`.
        """
        row = await _own(command.actor, uow)
        if not row.has_second_factor:
            raise NoSecondFactor()
        if self._required and needs_second_factor(row._asdict()):
            raise SecondFactorRequired()
        if not await self._proves(uow, row, command.code):
            return None
        await self._second_factors.remove(uow, command.actor.id)
        return await _changed(command.actor, "Second factor removed", uow)

    async def reset(self, command: ResetSecondFactor, uow: UnitOfWork) -> None:
        """Lets the password alone in again; raises `StaffNotFound` or `NoSecondFactor`."""
        row = await uow.fetch_one(STAFF_BY_EMAIL, {"email": command.email})
        if row is None:
            raise StaffNotFound()
        if not row.has_second_factor:
            raise NoSecondFactor()
        await self._second_factors.remove(uow, row.id)
        await _changed(StaffMember(row.id), "Second factor removed on the command line", uow)

    async def _proves(self, uow: UnitOfWork, row: Row[Any], code: str) -> bool:
        failures = await taken_failures(uow, row.email)
        if await self._second_factors.proves(uow, row.id, code):
            return True
        await count_failure(uow, row.email, failures)
        return False


async def _own(actor: StaffMember, uow: UnitOfWork) -> Row[Any]:
    row = await uow.fetch_one(STAFF_BY_ID, {"id": actor.id})
    if row is None:
        raise Unauthenticated()
    return row


async def _changed(actor: StaffMember, what: str, uow: UnitOfWork) -> Row[Any]:
    await change_access(uow, actor.id, "second_factor_changed")
    await log_staff_action(uow, actor, "staff_updated", what)
    return await _own(actor, uow)
