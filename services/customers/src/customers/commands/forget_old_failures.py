"""Failed logins that no longer count are forgotten."""

from dataclasses import dataclass

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import delete

from customers.adapters.tables import login_failures
from customers.domain.lockout import COUNTED_FOR, LOCKED_FOR


@dataclass(frozen=True, slots=True)
class ForgetOldFailures:
    """Once in a while."""


async def forget_old_failures(_: ForgetOldFailures, uow: UnitOfWork) -> None:
    """Rows whose last failure neither counts nor locks any more go."""
    oldest = uow.now - max(COUNTED_FOR, LOCKED_FOR)
    await uow.execute(delete(login_failures).where(login_failures.c.last_failure_at < oldest))
