"""Checks that prove that a service's books are right, each with figures. They read the service's own database alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text

from shared.db.engine import Database

GRACE = timedelta(minutes=2)
"""Events between services may be under way for a while before a difference means anything."""

Prove = Callable[[datetime], Awaitable[dict[str, Any]]]
"""As of an instant: `{checks: [{name, ok, figures, details}], totals: {name: figures}}`.

`totals` are figures that all services that know of these things must have alike, owner and copies.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: it holds if its statement's column `wrong` is 0; all columns are shown as figures.

    Parameters that a statement may name: `now`, `minute_ago`, and `settled`, before which no event is under way any
    more.
    """

    name: str
    says: str
    statement: TextClause


COMMON = (
    Check(
        "events_published",
        "No event has waited for over a minute to be published.",
        text("""
            SELECT count(*) AS waiting, count(*) FILTER (WHERE time < :minute_ago) AS wrong
            FROM outbox WHERE published_at IS NULL"""),
    ),
    Check(
        "nothing_parked",
        "No message and no event waits for people.",
        text("""
            SELECT messages, events, messages + events AS wrong
            FROM (SELECT (SELECT count(*) FROM parked_messages WHERE resolved_at IS NULL) AS messages,
                         (SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL AND published_at IS NULL) AS events
                 ) AS parked"""),
    ),
)
"""What must hold in every service."""


def prover(database: Database, checks: Sequence[Check] = (), totals: Mapping[str, TextClause] | None = None) -> Prove:
    """Proves the service's own checks and totals, and what must hold in every service."""

    async def prove(now: datetime) -> dict[str, Any]:
        return {
            "checks": [await _run(database, check, now) for check in (*checks, *COMMON)],
            "totals": {name: await figures_of(database, statement, now) for name, statement in (totals or {}).items()},
        }

    return prove


async def figures_of(database: Database, statement: TextClause, now: datetime) -> dict[str, Any]:
    """The one row of a statement, whose parameters are those of a `Check`."""
    known = {"now": now, "settled": now - GRACE, "minute_ago": now - timedelta(minutes=1)}
    row: Row[Any] | None = await database.fetch_one(
        statement, {name: value for name, value in known.items() if name in statement.compile().params}
    )
    assert row is not None, "figures are always one row"
    return dict(row._mapping)


async def _run(database: Database, check: Check, now: datetime) -> dict[str, Any]:
    figures = await figures_of(database, check.statement, now)
    return {"name": check.name, "ok": figures["wrong"] == 0, "figures": figures, "details": check.says}
