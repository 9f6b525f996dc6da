"""The bookkeeping around making an intent at Stripe: who is at it, with which key, and that Stripe refused."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update

from payments.adapters import books
from payments.adapters.repository import LEASE, lock_payment, move_payment
from payments.adapters.tables import payments
from payments.domain.payment import Payment, refuse


@dataclass(frozen=True, slots=True)
class LeasePayment:
    """Take a payment over whose intent nobody is making."""

    payment_id: UUID


async def lease_payment(command: LeasePayment, uow: UnitOfWork) -> Payment | None:
    """The payment, leased to the caller for ten seconds; null if somebody is at it or its intent exists."""
    payment = await lock_payment(uow, command.payment_id)
    if payment is None or payment.status != "creating":
        return None
    free = payments.c.leased_until.is_(None) | (payments.c.leased_until <= uow.now)
    lease = update(payments).where(payments.c.id == payment.id, free).values(leased_until=uow.now + LEASE)
    return payment if (await uow.execute(lease)).rowcount == 1 else None


@dataclass(frozen=True, slots=True)
class ReleasePayment:
    """Let others try at once: what this process heard from Stripe was nothing."""

    payment_id: UUID


async def release_payment(command: ReleasePayment, uow: UnitOfWork) -> None:
    """Ends the lease."""
    await uow.execute(update(payments).where(payments.c.id == command.payment_id).values(leased_until=None))


@dataclass(frozen=True, slots=True)
class NextAttempt:
    """The key of attempt `after` is spent and has made no intent, which was proven by looking."""

    payment_id: UUID
    after: int


async def next_attempt(command: NextAttempt, uow: UnitOfWork) -> int:
    """The number of the attempt that may be made now, the same for all who ask at once."""
    bump = (
        update(payments)
        .where(payments.c.id == command.payment_id, payments.c.attempt == command.after)
        .values(attempt=command.after + 1)
    )
    if (await uow.execute(bump)).rowcount == 1:
        text = "Stripe answered with an error for good and made no intent; a new one is asked for."
        await books.note(
            uow, command.payment_id, "intent_attempt", text, books.SYSTEM, after={"attempt": command.after + 1}
        )
    return command.after + 1


@dataclass(frozen=True, slots=True)
class RefusePayment:
    """Stripe refused to make the intent; `code` is Stripe's."""

    payment_id: UUID
    code: str


async def refuse_payment(command: RefusePayment, uow: UnitOfWork) -> Payment | None:
    """The payment has failed for good, and staff must look; null if it was not waiting for its intent any more."""
    payment = await lock_payment(uow, command.payment_id)
    if payment is None or payment.status != "creating":
        return None
    change = refuse(payment, "The payment could not be set up.", uow.now)
    await move_payment(uow, payment, change.payment)
    text = f"Stripe refused to make the intent: {command.code}."
    await books.note(uow, payment.id, "payment_failed", text, books.STRIPE, after={"status": "failed"})
    books.announce(uow, change.payment, "failed")
    message = f"The payment of booking {payment.booking_number} could not be set up."
    books.raise_alert(uow, f"intent-refused:{payment.id}", message, payment.booking_id)
    return change.payment
