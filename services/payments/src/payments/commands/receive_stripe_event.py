"""The inbox of webhooks: stored before Stripe hears that it arrived, applied once, whatever comes how often."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from payments.adapters import books
from payments.adapters.repository import lock_payment_of_intent
from payments.adapters.tables import stripe_events
from payments.commands.apply_dispute import ApplyDispute, apply_dispute
from payments.commands.apply_payment_intent import ApplyPaymentIntent, apply_payment_intent
from payments.commands.apply_refund import ApplyRefund, apply_refund
from payments.commands.keep_cards import UpdateCard, update_card
from payments.domain.errors import NotParked, WebhookNotFound
from payments.domain.facts import (
    CardFacts,
    ChargeFacts,
    DisputeFacts,
    Facts,
    IntentFacts,
    RefundFacts,
    SetupFacts,
    StripeEvent,
)

KEPT_FOR = timedelta(days=30)
TRIED_FOR = timedelta(hours=1)

Outcome = Literal["applied", "ignored", "waiting"]

_INSERT = insert(stripe_events)
_STORE = _INSERT.on_conflict_do_update(
    index_elements=["id"],
    set_={"delivered_at": _INSERT.excluded.delivered_at},
    where=stripe_events.c.delivered_at.is_(None) & _INSERT.excluded.delivered_at.is_not(None),
)
_SETTLE = (
    update(stripe_events)
    .where(stripe_events.c.id == bindparam("event_id"), stripe_events.c.state == "waiting")
    .values(state=bindparam("outcome"), settled_at=bindparam("at"), error="")
)


@dataclass(frozen=True, slots=True)
class ReceiveStripeEvent:
    """A webhook arrived. `apply` if its own data says all that there is to know, so that no worker is needed.

    `delivered` is false for one that did not arrive and that we found by asking Stripe.
    """

    event: StripeEvent
    apply: bool = False
    delivered: bool = True


async def receive_stripe_event(command: ReceiveStripeEvent, uow: UnitOfWork) -> Outcome:
    """Stores the event with what became of it; one that came before changes nothing but whether it was delivered."""
    event = command.event
    outcome = await _apply(uow, event.facts) if command.apply else "waiting"
    row = {
        "id": event.id,
        "type": event.type,
        "facts": event.as_row(),
        "state": outcome,
        "received_at": uow.now,
        "next_try_at": uow.now,
        "settled_at": None if outcome == "waiting" else uow.now,
        "delivered_at": uow.now if command.delivered else None,
    }
    uow.send(_STORE, row)
    return outcome


@dataclass(frozen=True, slots=True)
class SettleStripeEvent:
    """Apply a stored event; `facts` are its own or, where order matters, those that Stripe told just now."""

    event_id: str
    facts: Facts


async def settle_stripe_event(command: SettleStripeEvent, uow: UnitOfWork) -> Outcome:
    """`waiting` when it names something of ours that is not there yet; it will be tried again."""
    outcome = await _apply(uow, command.facts)
    if outcome != "waiting":
        uow.send(_SETTLE, {"event_id": command.event_id, "outcome": outcome, "at": uow.now})
    return outcome


async def _apply(uow: UnitOfWork, facts: Facts) -> Outcome:
    match facts:
        case IntentFacts():
            known = (await apply_payment_intent(ApplyPaymentIntent(facts), uow)).payment is not None
            return _outcome(known, facts.is_ours)
        case RefundFacts():
            return _outcome(await apply_refund(ApplyRefund(facts), uow) is not None, facts.refund_id is not None)
        case DisputeFacts():
            return _outcome(await apply_dispute(ApplyDispute(facts), uow) is not None, ours=False)
        case ChargeFacts():
            return _outcome(await lock_payment_of_intent(uow, facts.intent_id) is not None, ours=False)
        case SetupFacts():
            return _outcome(facts.customer_id is not None, ours=False)
        case CardFacts():
            return _outcome(await update_card(UpdateCard(facts), uow), ours=False)


def _outcome(known: bool, ours: bool) -> Outcome:
    if known:
        return "applied"
    return "waiting" if ours else "ignored"


@dataclass(frozen=True, slots=True)
class PostponeStripeEvent:
    """Applying it did not work this time; `error` says why."""

    event_id: str
    error: str


async def postpone_stripe_event(command: PostponeStripeEvent, uow: UnitOfWork) -> None:
    """It is tried again later; after an hour it is parked and staff are told."""
    await uow.execute(
        update(stripe_events).where(stripe_events.c.id == command.event_id).values(error=command.error[:500])
    )
    row = await uow.fetch_one(select(stripe_events).where(stripe_events.c.id == command.event_id))
    if row is None or row.state != "waiting" or uow.now - row.received_at < TRIED_FOR:
        return
    await park_stripe_event(ParkStripeEvent(row.id, command.error), uow)


@dataclass(frozen=True, slots=True)
class ParkStripeEvent:
    """It can't be applied until people have looked at it."""

    event_id: str
    error: str


async def park_stripe_event(command: ParkStripeEvent, uow: UnitOfWork) -> None:
    """It is put aside, and staff are told, once."""
    waiting = stripe_events.c.id == command.event_id, stripe_events.c.state == "waiting"
    park = update(stripe_events).where(*waiting).values(state="parked", error=command.error[:500])
    row = await uow.fetch_one(park.returning(stripe_events.c.type))
    if row is not None:
        message = f"The webhook {command.event_id} ({row.type}) could not be applied."
        books.raise_alert(uow, f"stripe-event:{command.event_id}", message, None)


@dataclass(frozen=True, slots=True)
class ResolveStripeEvent:
    """A staff member has a parked webhook applied once more, or (`drop`) put away for good."""

    event_id: str
    drop: bool
    reason: str
    staff: Caller


async def resolve_stripe_event(command: ResolveStripeEvent, uow: UnitOfWork) -> None:
    """Raises `WebhookNotFound` or `NotParked`.

    The reason stays on the webhook's row, which goes after a month: people write names into it, and no log can forget.
    """
    event = stripe_events.c.id == command.event_id
    row = await uow.fetch_one(select(stripe_events.c.state).where(event).with_for_update())
    if row is None:
        raise WebhookNotFound()
    if row.state != "parked":
        raise NotParked()
    # An hour counts from now on, so that it is not parked again at its first failure.
    again = {"state": "waiting", "next_try_at": uow.now, "received_at": uow.now, "tries": 0}
    dropped = {"state": "ignored", "settled_at": uow.now, "error": command.reason}
    await uow.execute(update(stripe_events).where(event).values(dropped if command.drop else again))
    books.clear_alert(uow, f"stripe-event:{command.event_id}")
    text = f"{'Dropped' if command.drop else 'Retried'} the webhook {command.event_id}."
    record_staff_action(uow, member_of(command.staff), "payment_processed", text)


@dataclass(frozen=True, slots=True)
class ForgetOldStripeEvents:
    """Webhooks settled more than 30 days ago are no longer needed to recognise repetitions."""


async def forget_old_stripe_events(command: ForgetOldStripeEvents, uow: UnitOfWork) -> None:
    """Deletes at most 1,000 of them."""
    old = select(stripe_events.c.id).where(stripe_events.c.settled_at < uow.now - KEPT_FOR).limit(1000)
    await uow.execute(delete(stripe_events).where(stripe_events.c.id.in_(old)))
