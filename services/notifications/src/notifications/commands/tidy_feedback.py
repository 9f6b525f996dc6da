"""Ids of notifications that can't come again any more."""

from dataclasses import dataclass
from datetime import timedelta

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, delete

from notifications.adapters.tables import feedback

KEPT = timedelta(days=30)
"""A topic repeats a notification for an hour, unless its policy says otherwise."""

_TIDY = delete(feedback).where(feedback.c.received_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class TidyFeedback:
    """Those of 30 days ago and more."""


async def tidy_feedback(command: TidyFeedback, uow: UnitOfWork) -> None:
    """Forgets them."""
    await uow.execute(_TIDY, {"before": uow.now - KEPT})
