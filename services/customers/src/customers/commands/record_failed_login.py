"""Somebody gave a wrong password for an address."""

from dataclasses import dataclass
from datetime import datetime

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import login_failures
from customers.domain.lockout import failures_after, lock_after, login_key, refuse_if_locked

_arriving = insert(login_failures)
_TAKE = _arriving.on_conflict_do_update(
    index_elements=["login_key"], set_={"login_key": _arriving.excluded.login_key}
).returning(login_failures.c.failures, login_failures.c.locked_until)
"""Makes the row or locks it, so that failures that happen at once are counted one after another."""


@dataclass(frozen=True, slots=True)
class RecordFailedLogin:
    """`email` need not have an account."""

    email: str


async def record_failed_login(command: RecordFailedLogin, uow: UnitOfWork) -> None:
    """Counts the failure; raises `Locked` and counts nothing if failures that came earlier have locked the login."""
    await count_failure(uow, command.email, await taken_failures(uow, command.email))


async def taken_failures(uow: UnitOfWork, email: str) -> list[datetime]:
    """The failures for an address so far, which nobody else counts or judges until the end of this transaction.

    Raises `Locked` if they have locked the login.
    """
    row = await uow.fetch_one(_TAKE, {"login_key": login_key(email), "failures": [], "last_failure_at": uow.now})
    assert row is not None
    refuse_if_locked(row.locked_until, uow.now)
    return list(row.failures)


async def count_failure(uow: UnitOfWork, email: str, earlier: list[datetime]) -> None:
    """One more failure, which may lock the login."""
    failures = failures_after(earlier, uow.now)
    await uow.execute(
        update(login_failures)
        .where(login_failures.c.login_key == login_key(email))
        .values(failures=failures, locked_until=lock_after(failures, uow.now), last_failure_at=uow.now)
    )
