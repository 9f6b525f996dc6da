"""What people wrote about a move, and the files they left with it, are erased with the person."""

from collections.abc import Sequence
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.logistics_tables import documents, file_removals, ratings, stop_reports

_REMOVE = (
    delete(documents)
    .where(documents.c.booking_id.in_(bindparam("of_bookings", expanding=True)))
    .returning(documents.c.storage_key)
)
_PLAN_REMOVALS = insert(file_removals).on_conflict_do_nothing()
_BLANK_RATINGS = (
    update(ratings)
    .where(ratings.c.booking_id.in_(bindparam("of_bookings", expanding=True)), ratings.c.text != "")
    .values(text="")
)
_BLANK_NOTES = (
    update(stop_reports)
    .where(stop_reports.c.booking_id.in_(bindparam("of_bookings", expanding=True)), stop_reports.c.note != "")
    .values(note="")
)


async def erase_documents(uow: UnitOfWork, booking_ids: Sequence[UUID]) -> int:
    """Removes all files of these bookings and blanks what was written about them; returns how many things that were.

    The files themselves leave the store by the job `remove-files`, within a minute after the commit. Grades stay, for
    the averages. Repeating it does nothing.
    """
    if not booking_ids:
        return 0
    wanted = {"of_bookings": list(booking_ids)}
    removed = await uow.fetch_all(_REMOVE, wanted)
    if removed:
        await uow.execute(_PLAN_REMOVALS, [{"storage_key": row.storage_key, "due_at": uow.now} for row in removed])
    blanked = [(await uow.execute(statement, wanted)).rowcount for statement in (_BLANK_RATINGS, _BLANK_NOTES)]
    return len(removed) + sum(blanked)
