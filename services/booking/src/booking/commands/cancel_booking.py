"""A booking is cancelled, and what the policy gives back goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared.contracts.booking import BookingCancelled
from shared.contracts.catalog import CancellationTier
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import bindparam, select

from booking.adapters.accounts import accounts_of
from booking.adapters.repository import lock_booking, save_booking
from booking.adapters.tables import catalog_versions
from booking.commands.let_go import let_go
from booking.commands.refunds import request_id_of, request_refund
from booking.domain.booking import Actor, Booking
from booking.domain.cancellation import CancellationRefund, refund_on_cancellation, refund_percent
from booking.domain.facts import state_of
from booking.domain.settling import came_back, kept_after, left_of, shares, unpaid_fee

ALL = 100

_TIERS = select(catalog_versions.c.snapshot["policies"]["cancellation_tiers"]).where(
    catalog_versions.c.version == bindparam("version")
)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A booking that is cancelled, or would be, and what goes back."""

    booking: Booking
    refund: CancellationRefund


@dataclass(frozen=True, slots=True)
class CancelBooking:
    """Cancel for the customer or guest; with `preview` nothing changes and only the refund is worked out."""

    booking_id: UUID
    actor: Actor
    reason: str = ""
    preview: bool = False
    key: IdempotencyKey | None = None


async def cancel_booking(command: CancelBooking, uow: UnitOfWork) -> Cancellation:
    """The cancelled booking and its refund; raises `NotFound`, `InvalidTransition`, or what `claim` raises."""
    attempt = new_id()
    resumed = not command.preview and await claim(uow, command.key, attempt) != attempt
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if resumed:
        return Cancellation(booking, booking.cancellation_refund)
    by_policy = refund_percent(await _tiers(uow, booking.catalog_version), booking.window_start, uow.now)
    refund = await _refund(uow, booking, min(by_policy, booking.refund_cap_percent), unpaid_fee(booking))
    cancelled = booking.cancelled(command.actor, uow.now, command.reason, refund)
    if command.preview:
        return Cancellation(booking, refund)
    await let_go(uow, booking)
    await record_cancellation(uow, cancelled, refund, command.actor, command.reason)
    return Cancellation(cancelled, refund)


async def cancel_for_company(uow: UnitOfWork, booking: Booking, actor: Actor, reason: str) -> Booking:
    """Cancels a locked booking from our side: everything that was paid goes back."""
    refund = await _refund(uow, booking, ALL)
    cancelled = booking.cancelled(actor, uow.now, reason, refund)
    await let_go(uow, booking)
    await record_cancellation(uow, cancelled, refund, actor, reason)
    return cancelled


async def record_cancellation(
    uow: UnitOfWork, cancelled: Booking, refund: CancellationRefund, actor: Actor, reason: str
) -> None:
    """Stores the cancelled booking with its events, and asks for the refund if there is any.

    A full refund is asked for as "all that is left", so that it is right whatever was refunded by then.
    """
    by: Literal["customer", "staff"] = "staff" if actor.kind == "staff" else "customer"
    accounts = await accounts_of(uow, cancelled)
    left = left_of(accounts)
    event = BookingCancelled(
        booking=state_of(cancelled),
        reason=reason,
        cancelled_by=by,
        refund_cents=refund.amount_cents,
        refund_percent=refund.percent,
        kept_cents=kept_after(cancelled, refund.amount_cents, left),
    )
    await save_booking(uow, cancelled, event)
    why = reason or "The booking was cancelled."
    is_whole = refund.percent == ALL and refund.amount_cents == left
    for payment_id, part in shares(accounts, refund.amount_cents):
        amount = None if is_whole else part
        await request_refund(uow, cancelled, request_id_of("cancellation", payment_id), payment_id, amount, why)


async def _refund(uow: UnitOfWork, booking: Booking, percent: int, unpaid_fee_cents: int = 0) -> CancellationRefund:
    """`percent` of what the booking's payments came to, apart from what changes of it gave back.

    What a change was to give back and whose refund failed is the customer's, and goes back whole.
    """
    left = left_of(await accounts_of(uow, booking))
    charged = booking.paid_cents - booking.returned_cents
    return refund_on_cancellation(percent, charged, left, unpaid_fee_cents, came_back(booking, left))


async def _tiers(uow: UnitOfWork, catalog_version: int) -> Sequence[CancellationTier]:
    """The policy of the catalogue that the booking was made under, whatever the policy has become since."""
    stored: list[dict[str, Any]] = await uow.scalar(_TIERS, {"version": catalog_version})
    return [CancellationTier.model_validate(tier) for tier in stored]
