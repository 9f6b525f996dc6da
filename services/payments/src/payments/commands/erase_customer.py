"""Forget a customer: the copies' names and addresses, the saved cards, and what messages tell. The books stay."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import CustomerErased, ErasureReported
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from payments.adapters.card_tables import erased_people, saved_cards, stripe_customers
from payments.adapters.tables import billable_bookings, payments, refunds
from payments.adapters.wallets import lock_owner

KEPT = {
    "receipts": "Receipts, invoices and credit notes are kept as issued: tax law asks for them.",
    "payments": "Payments, refunds, ledger and their audit trail are kept without the person, for the books.",
}
_PATIENCE = text("SET LOCAL statement_timeout = '15s'")
_THEIRS = (
    select(billable_bookings.c.id, billable_bookings.c.email, billable_bookings.c.customer_name)
    .where(
        or_(
            billable_bookings.c.customer_id == bindparam("customer_id"),
            and_(
                func.encode(func.sha256(func.convert_to(func.lower(billable_bookings.c.email), "UTF8")), "hex")
                == bindparam("email_sha256"),
                # Who comes back after an erasure is somebody new.
                or_(billable_bookings.c.booked_at.is_(None), billable_bookings.c.booked_at <= bindparam("erased_at")),
            ),
        )
    )
    .order_by(billable_bookings.c.id)
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """The customer is to be forgotten, here and at Stripe."""

    erased: CustomerErased


async def erase_customer(command: EraseCustomer, uow: UnitOfWork) -> None:
    """Blanks what is here and reports it; the worker has Stripe delete its customer. What comes late stays blank."""
    erased = command.erased
    await uow.execute(_PATIENCE)
    await lock_owner(uow, erased.customer_id)
    await _remember(uow, erased)
    whom = {name: getattr(erased, name) for name in ("customer_id", "email_sha256", "erased_at")}
    theirs = await uow.fetch_all(_THEIRS, whom)
    ids = [row.id for row in theirs]
    counts = {
        "billable_bookings": await _blank_bookings(uow, ids),
        "payments": await _blank_resolutions(uow, ids),
        "refunds": await _blank_reasons(uow, ids),
        "saved_cards": await _forget_cards(uow, erased.customer_id),
        "messages": await scrub_messages(uow, await _subjects(uow, erased.customer_id, ids), _words(theirs)),
    }
    report = ErasureReported(
        report_id=new_id(),
        customer_id=erased.customer_id,
        service="payments",
        erased={name: count for name, count in counts.items() if count},
        kept=KEPT,
    )
    uow.record(report, version=1)


async def _remember(uow: UnitOfWork, erased: CustomerErased) -> None:
    """From now on the database blanks this person in whatever copy is written of a booking made before."""
    values = {
        "customer_id": erased.customer_id,
        "email_sha256": erased.email_sha256,
        "erased_at": erased.erased_at,
    }
    await uow.execute(insert(erased_people).values(values).on_conflict_do_nothing())


async def _blank_bookings(uow: UnitOfWork, ids: list[UUID]) -> int:
    blank = update(billable_bookings).where(billable_bookings.c.id.in_(ids)).values(email="", customer_name="")
    return (await uow.execute(blank)).rowcount


async def _blank_reasons(uow: UnitOfWork, ids: list[UUID]) -> int:
    blank = update(refunds).where(refunds.c.booking_id.in_(ids), refunds.c.reason != "").values(reason="")
    return (await uow.execute(blank)).rowcount


async def _blank_resolutions(uow: UnitOfWork, ids: list[UUID]) -> int:
    blank = update(payments).where(payments.c.booking_id.in_(ids), payments.c.resolution != "").values(resolution="")
    return (await uow.execute(blank)).rowcount


async def _forget_cards(uow: UnitOfWork, customer_id: UUID) -> int:
    """The cards are let go of when Stripe deletes its customer."""
    forget = update(stripe_customers).where(
        stripe_customers.c.customer_id == customer_id, stripe_customers.c.forgotten_at.is_(None)
    )
    await uow.execute(forget.values(forget_at=uow.now))
    return (await uow.execute(delete(saved_cards).where(saved_cards.c.customer_id == customer_id))).rowcount


async def _subjects(uow: UnitOfWork, customer_id: UUID, bookings: list[UUID]) -> list[UUID]:
    paid = await uow.fetch_all(select(payments.c.id).where(payments.c.booking_id.in_(bookings)))
    return [customer_id, *bookings, *(row.id for row in paid)]


def _words(theirs: list[Row[Any]]) -> list[str]:
    return [word for row in theirs for word in (row.email, row.customer_name) if word]


@dataclass(frozen=True, slots=True)
class StripeForgot:
    """Stripe has deleted its customer, or had done so before."""

    customer_id: UUID


async def stripe_forgot(command: StripeForgot, uow: UnitOfWork) -> None:
    """Nothing is left to do."""
    done = update(stripe_customers).where(stripe_customers.c.customer_id == command.customer_id)
    await uow.execute(done.values(forget_at=None, forgotten_at=uow.now))
