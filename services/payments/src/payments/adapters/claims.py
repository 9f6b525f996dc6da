"""Hands out the worker's errands: each claimed row is nobody else's for a while, and comes again if its worker dies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import ColumnElement, Row, Table, and_, bindparam, case, cast, exists, select, text, update
from sqlalchemy.dialects.postgresql import TIMESTAMP

from payments.adapters.card_tables import saved_cards, stripe_customers
from payments.adapters.receipt_tables import receipt_files
from payments.adapters.repository import PAYMENT_COLUMNS, REFUND_COLUMNS, payment_of, refund_of
from payments.adapters.tables import payments, refunds, stripe_events
from payments.domain.payment import OPEN, Payment
from payments.domain.refund import Refund

T = TypeVar("T")

BATCH = 8
CLAIMED_FOR = timedelta(seconds=25)
"""Longer than a batch may take, whose errands are done side by side, so that none is done twice at once."""

LONGEST_PAUSE = timedelta(seconds=60)
ASKED_EVERY = timedelta(seconds=150)

_now = cast(bindparam("now"), TIMESTAMP(timezone=True))


class Claim(Generic[T]):
    """One kind of errand: the rows that want it, when each is due, and when it comes again unless it is done."""

    def __init__(
        self,
        table: Table,
        due: str,
        wanted: ColumnElement[bool],
        again: dict[str, Any],
        columns: Sequence[Any],
        read: Callable[[Row[Any]], T],
        key: str = "id",
    ) -> None:
        is_due = wanted, table.c[due] <= _now
        batch = select(table.c[key]).where(*is_due).order_by(table.c[due]).limit(BATCH)
        ids = batch.with_for_update(skip_locked=True, key_share=True)
        self._any_due = select(exists().where(*is_due))
        self._claim = update(table).where(table.c[key].in_(ids)).values(again).returning(*columns)
        self._read = read

    async def take(self, database: Database, now: datetime) -> list[T]:
        """At most eight errands that are due, the longest waiting first.

        A look without a lock comes first, since mostly it is all that happens, several times a second.
        """
        row = await database.fetch_one(self._any_due, {"now": now})
        if row is None or not row[0]:
            return []
        async with database.transaction() as connection:
            return [self._read(row) for row in await connection.execute(self._claim, {"now": now})]


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook as it was stored. Whether it can be read is found out by whoever applies it, one at a time."""

    id: str
    type: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemovedCard:
    """A card that Stripe has still to let go of."""

    id: UUID
    stripe_payment_method_id: str


@dataclass(frozen=True, slots=True)
class ForgottenCustomer:
    """A customer whom Stripe has still to forget."""

    customer_id: UUID
    stripe_customer_id: str


def _after_a_growing_pause(tries: ColumnElement[int], due: str = "next_try_at") -> dict[str, Any]:
    return {"tries": tries + 1, due: _now + case((tries < 4, CLAIMED_FOR), else_=LONGEST_PAUSE)}


_pending = refunds.c.status == "pending"
_not_parked = payments.c.parked_at.is_(None)
_SOONER_WHILE_YOUNG = text("""
    CAST(:now AS timestamptz)
    + least(greatest((CAST(:now AS timestamptz) - created_at) / 10, interval '30 seconds'), interval '150 seconds')
""")

WEBHOOKS: Claim[StoredWebhook] = Claim(
    table=stripe_events,
    due="next_try_at",
    wanted=stripe_events.c.state == "waiting",
    again=_after_a_growing_pause(stripe_events.c.tries),
    columns=(stripe_events.c.id, stripe_events.c.type, stripe_events.c.facts),
    read=lambda row: StoredWebhook(row.id, row.type, row.facts),
)
"""Webhooks that wait to be applied."""

REFUNDS: Claim[Refund] = Claim(
    table=refunds,
    due="next_try_at",
    wanted=and_(_pending, refunds.c.stripe_refund_id.is_(None)),
    again=_after_a_growing_pause(refunds.c.tries),
    columns=REFUND_COLUMNS,
    read=refund_of,
)
"""Refunds that Stripe was not asked for, or did not answer about."""

REFUND_CHECKS: Claim[Refund] = Claim(
    table=refunds,
    due="next_try_at",
    wanted=and_(_pending, refunds.c.stripe_refund_id.is_not(None)),
    again={"next_try_at": _now + ASKED_EVERY},
    columns=REFUND_COLUMNS,
    read=refund_of,
)
"""Refunds that Stripe is still working on."""

DETACHMENTS: Claim[RemovedCard] = Claim(
    table=saved_cards,
    due="detach_at",
    wanted=saved_cards.c.detach_at.is_not(None),
    again=_after_a_growing_pause(saved_cards.c.tries, "detach_at"),
    columns=(saved_cards.c.id, saved_cards.c.stripe_payment_method_id),
    read=lambda row: RemovedCard(row.id, row.stripe_payment_method_id),
)
"""Cards that were removed here and are still attached at Stripe."""

FORGETTINGS: Claim[ForgottenCustomer] = Claim(
    table=stripe_customers,
    due="forget_at",
    wanted=stripe_customers.c.forget_at.is_not(None),
    again=_after_a_growing_pause(stripe_customers.c.tries, "forget_at"),
    columns=(stripe_customers.c.customer_id, stripe_customers.c.stripe_customer_id),
    read=lambda row: ForgottenCustomer(row.customer_id, row.stripe_customer_id),
    key="customer_id",
)
"""Customers who were erased here and are still known to Stripe."""

RECEIPT_FILES: Claim[UUID] = Claim(
    table=receipt_files,
    due="next_try_at",
    wanted=receipt_files.c.stored_at.is_(None),
    again=_after_a_growing_pause(receipt_files.c.tries),
    columns=(receipt_files.c.id,),
    read=lambda row: UUID(str(row.id)),
)
"""Documents whose PDFs are not in the store yet."""

CANCELLATIONS: Claim[Payment] = Claim(
    table=payments,
    due="cancel_at",
    wanted=and_(payments.c.status.in_(("creating", "requires_payment")), _not_parked),
    again={"cancel_at": _now + CLAIMED_FOR},
    columns=PAYMENT_COLUMNS,
    read=payment_of,
)
"""Payments whose intents must not be paid any more."""

PAYMENT_CHECKS: Claim[Payment] = Claim(
    table=payments,
    due="check_at",
    wanted=and_(payments.c.status.in_(OPEN), _not_parked),
    again={"check_at": _SOONER_WHILE_YOUNG},
    columns=PAYMENT_COLUMNS,
    read=payment_of,
)
"""Open payments to ask Stripe about: young ones every 30 seconds, old ones seldomer, yet none less than every two and a
half minutes, so that a payment whose webhook was lost is found within three.
"""
