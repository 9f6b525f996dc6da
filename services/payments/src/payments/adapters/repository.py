"""Loads and stores payments, refunds and copies of bookings. Statements are built once, so that they compile once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts.booking_state import Adjustment
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, case, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from payments.adapters.tables import LIVE, billable_bookings, payments, refunds
from payments.domain.booking import BillableBooking
from payments.domain.payment import OPEN, Payment
from payments.domain.refund import Refund

LEASE = timedelta(seconds=10)
"""Longer than any one call to Stripe; after it somebody else may go on from where a dead process stopped."""

FIRST_CHECK = timedelta(seconds=60)

PAYMENT_COLUMNS = (
    payments.c.id,
    payments.c.version,
    payments.c.booking_id,
    payments.c.booking_number,
    payments.c.customer_id,
    payments.c.purpose,
    payments.c.amount_cents,
    payments.c.currency,
    payments.c.status,
    payments.c.attempt,
    payments.c.created_at,
    payments.c.failure_reason,
    payments.c.captured_cents,
    payments.c.refunded_cents,
    payments.c.stripe_payment_intent_id.label("intent_id"),
    payments.c.stripe_charge_id.label("charge_id"),
    payments.c.duplicate_of,
    payments.c.processed_at,
    payments.c.parked_at,
    payments.c.dismissed_at,
    payments.c.tax_cents,
)
REFUND_COLUMNS = tuple(refunds.c[name] for name in Refund.__dataclass_fields__)
_BOOKING_COLUMNS = tuple(billable_bookings.c[name] for name in BillableBooking.__dataclass_fields__)

PAYMENTS = select(*PAYMENT_COLUMNS)
"""Rows that `payment_of` turns into payments."""

REFUNDS = select(*REFUND_COLUMNS)
"""Rows that `refund_of` turns into refunds."""

BOOKINGS = select(*_BOOKING_COLUMNS)
"""Rows that `booking_of` turns into bookings."""

_BY_INTENT_OR_ID = or_(payments.c.stripe_payment_intent_id == bindparam("intent_id"), payments.c.id == bindparam("id"))
_LOCK_BY_INTENT_OR_ID = PAYMENTS.where(_BY_INTENT_OR_ID).order_by(payments.c.id).with_for_update(key_share=True)
_LOCK_BY_INTENT = PAYMENTS.where(payments.c.stripe_payment_intent_id == bindparam("intent_id")).with_for_update(
    key_share=True
)
_LOCK_BY_ID = PAYMENTS.where(payments.c.id == bindparam("id")).with_for_update(key_share=True)
_LIVE_PAYMENT = (
    select(*PAYMENT_COLUMNS, payments.c.leased_until, payments.c.cancel_at)
    .where(payments.c.booking_id == bindparam("booking_id"), payments.c.purpose == bindparam("purpose"), text(LIVE))
    .with_for_update(key_share=True)
)
_LOCK_REFUND = REFUNDS.where(refunds.c.id == bindparam("id")).with_for_update(key_share=True)
_READ_BOOKING = BOOKINGS.where(billable_bookings.c.id == bindparam("id"))
_LOCK_BOOKING = _READ_BOOKING.with_for_update(key_share=True)
_PROMISED = select(func.coalesce(func.sum(refunds.c.amount_cents), 0)).where(
    refunds.c.payment_id == bindparam("payment_id"), refunds.c.status != "failed"
)
_MOVE = (
    update(payments)
    .where(payments.c.id == bindparam("payment_id"), payments.c.version == bindparam("version_before"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "version", "status", "failure_reason", "captured_cents", "refunded_cents",
                "stripe_payment_intent_id", "stripe_charge_id", "duplicate_of", "processed_at", "dismissed_at",
                "tax_cents",
            )
        }
        | {"leased_until": None, "cancel_at": case((bindparam("new_status").in_(OPEN), payments.c.cancel_at))}
    )
)  # fmt: skip


_ADD_PAYMENT = insert(payments)
_ADD_REFUND = insert(refunds)


def _members_of(thing: Payment | Refund | BillableBooking) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def payment_of(row: Row[Any]) -> Payment:
    """A row of `PAYMENTS` as a payment."""
    return Payment(**{name: row._mapping[name] for name in Payment.__dataclass_fields__})


def refund_of(row: Row[Any]) -> Refund:
    """A row of `REFUNDS` as a refund."""
    return Refund(**row._mapping)


def booking_of(row: Row[Any]) -> BillableBooking:
    """A row of `BOOKINGS` as a booking."""
    adjustments = tuple(Adjustment.model_validate(change) for change in row.adjustments)
    return BillableBooking(**{**row._mapping, "adjustments": adjustments})


async def lock_payment(uow: UnitOfWork, payment_id: UUID) -> Payment | None:
    """The payment, locked until the transaction ends."""
    row = await uow.fetch_one(_LOCK_BY_ID, {"id": payment_id})
    return payment_of(row) if row else None


async def lock_payment_of_intent(uow: UnitOfWork, intent_id: str) -> Payment | None:
    """The payment of an intent at Stripe, locked."""
    row = await uow.fetch_one(_LOCK_BY_INTENT, {"intent_id": intent_id})
    return payment_of(row) if row else None


async def lock_payments_named(uow: UnitOfWork, intent_id: str, payment_id: UUID) -> list[Payment]:
    """The payment that has this intent and the payment that the intent names: mostly one, locked."""
    return [
        payment_of(row)
        for row in await uow.fetch_all(_LOCK_BY_INTENT_OR_ID, {"intent_id": intent_id, "id": payment_id})
    ]


@dataclass(frozen=True, slots=True)
class LivePayment:
    """A payment, whether somebody is making its intent, and whether its intent is to be cancelled."""

    payment: Payment
    is_leased: bool
    is_unwanted: bool


async def lock_live_payment(uow: UnitOfWork, booking_id: UUID, purpose: str) -> LivePayment | None:
    """The booking's one live or succeeded payment for a purpose, locked."""
    row = await uow.fetch_one(_LIVE_PAYMENT, {"booking_id": booking_id, "purpose": purpose})
    if row is None:
        return None
    is_leased = row.leased_until is not None and row.leased_until > uow.now
    return LivePayment(payment_of(row), is_leased, row.cancel_at is not None)


async def add_payment(uow: UnitOfWork, payment: Payment, leased: bool = False) -> None:
    """Stores a new payment; `leased` if this process is going to make its intent."""
    bookkeeping = {"check_at": uow.now + FIRST_CHECK, "leased_until": uow.now + LEASE if leased else None}
    uow.send(_ADD_PAYMENT, _columns_of(payment) | bookkeeping)


async def move_payment(uow: UnitOfWork, before: Payment, after: Payment) -> None:
    """Stores what changed; raises `RuntimeError` if the row was not locked and somebody was faster."""
    values = {f"new_{name}": value for name, value in _columns_of(after).items()}
    moved = await uow.execute(_MOVE, {"payment_id": after.id, "version_before": before.version, **values})
    if moved.rowcount != 1:
        raise RuntimeError(f"payment {after.id} changed while it was being changed")


def _columns_of(payment: Payment) -> dict[str, Any]:
    values = _members_of(payment)
    values["stripe_payment_intent_id"] = values.pop("intent_id")
    values["stripe_charge_id"] = values.pop("charge_id")
    return values


async def lock_refund(uow: UnitOfWork, refund_id: UUID) -> Refund | None:
    """The refund, locked. Its payment is locked first, always."""
    row = await uow.fetch_one(_LOCK_REFUND, {"id": refund_id})
    return refund_of(row) if row else None


async def promised_cents(uow: UnitOfWork, payment_id: UUID) -> int:
    """The sum of the payment's pending and succeeded refunds; exact under the payment's lock."""
    return int(await uow.scalar(_PROMISED, {"payment_id": payment_id}))


async def add_refund(uow: UnitOfWork, refund: Refund) -> None:
    """Stores a new refund, to be sent to Stripe as soon as the transaction has committed."""
    uow.send(_ADD_REFUND, _members_of(refund) | {"next_try_at": uow.now})


async def store_refund(uow: UnitOfWork, refund: Refund) -> None:
    """Stores a refund's new state."""
    await uow.execute(update(refunds).where(refunds.c.id == refund.id).values(_members_of(refund)))


async def lock_booking(uow: UnitOfWork, booking_id: UUID) -> BillableBooking | None:
    """The copy of the booking, locked, so that nobody else starts a payment for it meanwhile."""
    row = await uow.fetch_one(_LOCK_BOOKING, {"id": booking_id})
    return booking_of(row) if row else None


async def read_booking(uow: UnitOfWork, booking_id: UUID) -> BillableBooking | None:
    """The copy of the booking as it is at this moment."""
    row = await uow.fetch_one(_READ_BOOKING, {"id": booking_id})
    return booking_of(row) if row else None


_SAVE = upsert(billable_bookings)
_SAVE_BOOKING = _SAVE.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _SAVE.excluded[name] for name in (*BillableBooking.__dataclass_fields__, "updated_at") if name != "id"}
    # A cancelled booking may change once more, by an event that knows nothing of what the company keeps.
    | {"kept_cents": func.greatest(_SAVE.excluded.kept_cents, billable_bookings.c.kept_cents)},
    where=_SAVE.excluded.version > billable_bookings.c.version,
).returning(billable_bookings.c.id)


async def save_booking(uow: UnitOfWork, booking: BillableBooking) -> bool:
    """Takes the copy over if it is newer, and locks its row either way; whether it was newer."""
    return await uow.scalar(_SAVE_BOOKING, _copied(booking, uow)) is not None


def keep_booking(uow: UnitOfWork, booking: BillableBooking) -> None:
    """As `save_booking`, when it makes no difference whether it was newer."""
    uow.send(_SAVE_BOOKING, _copied(booking, uow))


def _copied(booking: BillableBooking, uow: UnitOfWork) -> dict[str, Any]:
    values = _members_of(booking) | {"updated_at": uow.now}
    values["adjustments"] = [change.model_dump() for change in booking.adjustments]
    return values
