"""Hands out the worker's errands: each claimed row is nobody else's for a while, and comes again if its worker dies."""

from datetime import datetime, timedelta
from typing import Any

from shared.db.engine import Database
from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import INTERVAL

from payments.adapters.repository import PAYMENTS, REFUNDS, payment_of, refund_of
from payments.adapters.tables import payments, refunds, stripe_events
from payments.domain.facts import StripeEvent, stored_event
from payments.domain.payment import OPEN, Payment
from payments.domain.refund import Refund

BATCH = 20
CLAIMED_FOR = timedelta(seconds=15)
LONGEST_RETRY = timedelta(seconds=60)
SHORTEST_CHECK, LONGEST_CHECK = timedelta(seconds=30), timedelta(seconds=150)

_EVENT_WAITS = stripe_events.c.state == "waiting"
_REFUND_UNSENT = and_(refunds.c.status == "pending", refunds.c.stripe_refund_id.is_(None))
_REFUND_SENT = and_(refunds.c.status == "pending", refunds.c.stripe_refund_id.is_not(None))
_CANCELLABLE = and_(payments.c.status.in_(("creating", "requires_payment")), payments.c.parked_at.is_(None))
_CHECKABLE = and_(payments.c.status.in_(OPEN), payments.c.parked_at.is_(None))


async def anything_due(database: Database, now: datetime) -> bool:
    """Whether there is any errand: one statement over three small indexes, as it is asked twice a second."""
    due = or_(
        exists().where(_EVENT_WAITS, stripe_events.c.next_try_at <= now),
        exists().where(_REFUND_UNSENT, refunds.c.next_try_at <= now),
        exists().where(_CANCELLABLE, payments.c.cancel_at <= now),
    )
    row = await database.fetch_one(select(due))
    return bool(row and row[0])


async def claim_events(database: Database, now: datetime) -> list[StripeEvent]:
    """Webhooks that wait to be applied, in the order in which they came."""
    rows = await _claim(database, stripe_events, "next_try_at", _EVENT_WAITS, now, _later(stripe_events.c.tries, now))
    return [stored_event(row.id, row.type, row.facts) for row in rows]


async def claim_unsent_refunds(database: Database, now: datetime) -> list[Refund]:
    """Refunds that Stripe has not been asked for, or did not answer about."""
    rows = await _claim(database, refunds, "next_try_at", _REFUND_UNSENT, now, _later(refunds.c.tries, now))
    ids = [row.id for row in rows]
    return [refund_of(row) for row in await database.fetch_all(REFUNDS.where(refunds.c.id.in_(ids)))] if ids else []


async def claim_sent_refunds(database: Database, now: datetime) -> list[Refund]:
    """Refunds that Stripe is still working on and that were not asked about for a while."""
    rows = await _claim(database, refunds, "next_try_at", _REFUND_SENT, now, {"next_try_at": now + LONGEST_CHECK})
    ids = [row.id for row in rows]
    return [refund_of(row) for row in await database.fetch_all(REFUNDS.where(refunds.c.id.in_(ids)))] if ids else []


async def claim_cancellations(database: Database, now: datetime) -> list[Payment]:
    """Payments whose intents must not be paid any more."""
    later = {"cancel_at": now + CLAIMED_FOR}
    return await _payments(database, await _claim(database, payments, "cancel_at", _CANCELLABLE, now, later))


async def claim_checks(database: Database, now: datetime) -> list[Payment]:
    """Open payments to ask Stripe about.

    Young ones are asked about every 30 seconds, older ones seldomer, and none less than every two and a half minutes,
    so that a payment whose webhook was lost is found within three.
    """
    tenth = func.cast(now - payments.c.created_at, INTERVAL) / 10
    later = {"check_at": now + func.least(func.greatest(tenth, SHORTEST_CHECK), LONGEST_CHECK)}
    return await _payments(database, await _claim(database, payments, "check_at", _CHECKABLE, now, later))


async def _payments(database: Database, rows: list[Row[Any]]) -> list[Payment]:
    ids = [row.id for row in rows]
    if not ids:
        return []
    return [payment_of(row) for row in await database.fetch_all(PAYMENTS.where(payments.c.id.in_(ids)))]


def _later(tries: ColumnElement[int], now: datetime) -> dict[str, Any]:
    """When to try again if nothing comes of this try: after a growing while."""
    pause = case((tries < 4, CLAIMED_FOR), else_=LONGEST_RETRY)
    return {"tries": tries + 1, "next_try_at": now + pause}


async def _claim(
    database: Database, table: Any, due: str, wanted: Any, now: datetime, later: dict[str, Any]
) -> list[Row[Any]]:
    """Rows whose time `due` has come, moved on to when they would come again."""
    batch = (
        select(table.c.id)
        .where(wanted, table.c[due] <= now)
        .order_by(table.c[due])
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    claim = update(table).where(table.c.id.in_(batch)).values(later).returning(*table.c)
    async with database.transaction() as connection:
        return list((await connection.execute(claim)).all())
