"""Files that nobody wants any more leave the store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from shared.storage import Storage
from sqlalchemy import bindparam, delete, select

from booking.adapters.logistics_tables import file_removals

BATCH = 50

_DUE = (
    select(file_removals.c.storage_key)
    .where(file_removals.c.due_at <= bindparam("now"))
    .order_by(file_removals.c.due_at)
    .limit(BATCH)
)
_STRIKE_OFF = delete(file_removals).where(file_removals.c.storage_key == bindparam("of_key"))


@dataclass(frozen=True, slots=True)
class StrikeOff:
    """A file is gone; take it off the list of removals."""

    storage_key: str


async def strike_off(command: StrikeOff, uow: UnitOfWork) -> None:
    """Takes it off."""
    await uow.execute(_STRIKE_OFF, {"of_key": command.storage_key})


def remove_files(
    database: Database, commands: Commands, storage: Storage, clock: Clock
) -> Callable[[], Awaitable[int]]:
    """The job: deletes each due file, then takes it off the list; deleting one twice does nothing. Returns how many."""

    async def run() -> int:
        removed = 0
        while rows := await database.fetch_all(_DUE, {"now": clock()}):
            for row in rows:
                await storage.delete(row.storage_key)
                await commands.execute(StrikeOff(row.storage_key))
            removed += len(rows)
        return removed

    return run
