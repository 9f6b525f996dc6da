"""Tell staff when payments succeed and none of Stripe's webhooks says so."""

from dataclasses import dataclass
from datetime import timedelta

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from payments.adapters import books
from payments.adapters.tables import comparisons, payments, stripe_events
from payments.commands.receive_stripe_event import KEPT_FOR

FEWEST = 3
"""One lost webhook is no silence."""

PATIENCE = timedelta(minutes=10)
"""So long may a webhook be under way."""

ALERT = "webhooks-away"
WEBHOOKS = "webhooks"

_LAST_TOLD = (
    select(func.max(stripe_events.c.delivered_at))
    .where(stripe_events.c.type == "payment_intent.succeeded")
    .scalar_subquery()
)
_UNTOLD = select(func.count()).where(
    payments.c.captured_cents > 0,
    payments.c.processed_at > func.greatest(_LAST_TOLD, bindparam("oldest", type_=payments.c.processed_at.type)),
    payments.c.processed_at <= bindparam("latest"),
)
_TOLD_BEFORE = select(comparisons.c.differences).where(comparisons.c.name == WEBHOOKS).with_for_update()


@dataclass(frozen=True, slots=True)
class WatchWebhooks:
    """Compare the payments that succeeded with the webhooks that Stripe delivered."""


async def watch_webhooks(command: WatchWebhooks, uow: UnitOfWork) -> int:
    """How many payments have succeeded since the last webhook that told of one; 0 for fewer than three.

    The alert is raised again when there are more of them, and cleared when a webhook has come. Webhooks are forgotten
    after a month, so no older payment can be said to have had none.
    """
    times = {"oldest": uow.now - KEPT_FOR + timedelta(days=1), "latest": uow.now - PATIENCE}
    found = await uow.fetch_one(_UNTOLD, times)
    untold = int(found[0]) if found and found[0] >= FEWEST else 0
    row = await uow.fetch_one(_TOLD_BEFORE)
    before = int(row[0]) if row else 0
    if untold > before:
        message = f"Stripe's webhooks seem to be away: no webhook told of the last {untold} payments that succeeded."
        books.raise_alert(uow, ALERT, message, None)
    if before and not untold:
        books.clear_alert(uow, ALERT)
    if untold != before:
        await _keep(uow, untold)
    return untold


async def _keep(uow: UnitOfWork, untold: int) -> None:
    found = {"movements": untold, "differences": untold, "compared_at": uow.now}
    keep = insert(comparisons).values(name=WEBHOOKS, **found)
    await uow.execute(keep.on_conflict_do_update(index_elements=["name"], set_=found))
