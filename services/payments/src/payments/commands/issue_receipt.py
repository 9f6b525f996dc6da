"""Issue receipts, credit notes with their reversals, and invoices, numbered without gaps: a series is locked until its
document is there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from payments.adapters import books
from payments.adapters.receipt_tables import receipt_counters, receipt_files, receipts
from payments.adapters.repository import lock_booking, lock_payment, lock_refund, read_booking
from payments.adapters.tables import payments, refunds
from payments.domain.booking import BillableBooking
from payments.domain.errors import BookingNotFound, NothingToInvoice
from payments.domain.payment import Payment
from payments.domain.receipt import (
    LETTERS,
    Content,
    Kind,
    Receipt,
    Seller,
    credit_note_content,
    invoice_content,
    receipt_content,
    reversal_content,
)

COLUMNS = tuple(receipts.c[name] for name in Receipt.__dataclass_fields__)
_COUNT = upsert(receipt_counters)


@dataclass(frozen=True, slots=True)
class IssueReceipt:
    """A payment came in."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class IssueCreditNote:
    """A refund went out."""

    refund_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class ReverseCreditNote:
    """A refund came back after its credit note was issued."""

    refund_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    """A staff member wants a document of what a booking costs."""

    booking_id: UUID
    staff: Caller
    key: IdempotencyKey | None = None


def receipt_of(row: Any) -> Receipt:
    """A row of `COLUMNS` as a document."""
    return Receipt(**{**row._mapping, "content": Content.stored(row.content)})


class ReceiptOffice:
    """Issues documents in the name of the seller; years are those of `zone`."""

    def __init__(self, seller: Seller, zone: ZoneInfo) -> None:
        self._seller = seller
        self._zone = zone

    async def issue_receipt(self, command: IssueReceipt, uow: UnitOfWork) -> Receipt | None:
        """The payment's receipt, issued once; null for money that goes back by itself."""
        payment = await lock_payment(uow, command.payment_id)
        if payment is None or not payment.is_captured or payment.duplicate_of is not None:
            return None
        return await self._receipt_of(uow, payment, await _booking(uow, payment.booking_id))

    async def issue_credit_note(self, command: IssueCreditNote, uow: UnitOfWork) -> Receipt | None:
        """The refund's credit note, issued once, after the receipt that it names."""
        payment = await lock_payment(uow, command.payment_id)
        refund = await lock_refund(uow, command.refund_id)
        if payment is None or refund is None or refund.status != "succeeded" or payment.duplicate_of is not None:
            return None
        if known := await self._of_refund(uow, refund.id, "credit_note"):
            return known
        booking = await _booking(uow, payment.booking_id)
        receipt = await self._receipt_of(uow, payment, booking)
        content = credit_note_content(self._seller, booking, refund, receipt.number)
        note = await self._issue(uow, "credit_note", booking, content, payment.id, refund.id)
        await uow.execute(update(refunds).where(refunds.c.id == refund.id).values(credit_note_id=note.id))
        return note

    async def reverse_credit_note(self, command: ReverseCreditNote, uow: UnitOfWork) -> Receipt | None:
        """The document that undoes a credit note, issued once; null if there is nothing to undo."""
        payment = await lock_payment(uow, command.payment_id)
        refund = await lock_refund(uow, command.refund_id)
        note = await self._of_refund(uow, command.refund_id, "credit_note")
        if payment is None or refund is None or refund.status != "failed" or note is None:
            return None
        if known := await self._of_refund(uow, refund.id, "credit_note_reversal"):
            return known
        booking = await _booking(uow, payment.booking_id)
        content = reversal_content(self._seller, booking, note)
        reversal = await self._issue(uow, "credit_note_reversal", booking, content, payment.id, refund.id)
        await uow.execute(update(refunds).where(refunds.c.id == refund.id).values(reversal_id=reversal.id))
        return reversal

    async def issue_invoice(self, command: IssueInvoice, uow: UnitOfWork) -> Receipt:
        """The booking's invoice as it is now; the last one again if nothing has changed since.

        Raises `BookingNotFound` or `NothingToInvoice`.
        """
        await claim(uow, command.key, new_id())
        booking = await lock_booking(uow, command.booking_id)
        if booking is None:
            raise BookingNotFound()
        if booking.status in ("pending", "cancelled", "expired"):
            raise NothingToInvoice(f"This booking is {booking.status}.", booking_status=booking.status)
        content = invoice_content(self._seller, booking)
        of_booking = receipts.c.booking_id == booking.id, receipts.c.kind == "invoice"
        last = await uow.fetch_one(select(*COLUMNS).where(*of_booking).order_by(receipts.c.number.desc()).limit(1))
        if last is not None and receipt_of(last).content == content:
            return receipt_of(last)
        invoice = await self._issue(uow, "invoice", booking, content, None, None)
        text = f"Issued invoice {invoice.number} for booking {booking.booking_number}."
        record_staff_action(uow, member_of(command.staff), "payment_processed", text, booking_id=booking.id)
        return invoice

    async def _of_refund(self, uow: UnitOfWork, refund_id: UUID, kind: Kind) -> Receipt | None:
        this = receipts.c.refund_id == refund_id, receipts.c.kind == kind
        row = await uow.fetch_one(select(*COLUMNS).where(*this))
        return receipt_of(row) if row else None

    async def _receipt_of(self, uow: UnitOfWork, payment: Payment, booking: BillableBooking) -> Receipt:
        of_payment = receipts.c.payment_id == payment.id, receipts.c.kind == "receipt"
        if known := await uow.fetch_one(select(*COLUMNS).where(*of_payment)):
            return receipt_of(known)
        content = receipt_content(self._seller, booking, payment)
        receipt = await self._issue(uow, "receipt", booking, content, payment.id, None)
        await uow.execute(update(payments).where(payments.c.id == payment.id).values(receipt_id=receipt.id))
        return receipt

    async def _issue(
        self,
        uow: UnitOfWork,
        kind: Kind,
        booking: BillableBooking,
        content: Content,
        payment_id: UUID | None,
        refund_id: UUID | None,
    ) -> Receipt:
        receipt = Receipt(
            id=new_id(),
            number=await self._next_number(uow, kind, uow.now),
            kind=kind,
            booking_id=booking.id,
            booking_number=booking.booking_number,
            payment_id=payment_id,
            refund_id=refund_id,
            amount_cents=content.total_cents,
            content=content,
            issued_at=uow.now,
        )
        values = {name: getattr(receipt, name) for name in Receipt.__dataclass_fields__}
        await uow.execute(insert(receipts).values(values | {"content": content.as_row()}))
        await uow.execute(insert(receipt_files).values(id=receipt.id, next_try_at=uow.now))
        if payment_id is not None:
            text = f"{kind.replace('_', ' ').capitalize()} {receipt.number} was issued."
            await books.note(uow, payment_id, f"{kind}_issued", text, books.SYSTEM, after={"number": receipt.number})
        return receipt

    async def _next_number(self, uow: UnitOfWork, kind: Kind, now: datetime) -> str:
        """The next of its series. Whoever issues another of the same kind waits until this transaction has ended."""
        year = now.astimezone(self._zone).year
        count = _COUNT.values(kind=kind, year=year, last=1).on_conflict_do_update(
            index_elements=["kind", "year"], set_={"last": receipt_counters.c.last + 1}
        )
        return f"{LETTERS[kind]}-{year}-{await uow.scalar(count.returning(receipt_counters.c.last)):06d}"


async def _booking(uow: UnitOfWork, booking_id: UUID) -> BillableBooking:
    """Read without a lock: bookings are locked before payments, and the payment is locked already."""
    booking = await read_booking(uow, booking_id)
    assert booking is not None, "payments are made for bookings"
    return booking
