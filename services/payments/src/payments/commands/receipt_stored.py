"""A document's PDF lies in the store: from now on the others can fetch it."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.payments import ReceiptIssued
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update

from payments.adapters.receipt_tables import receipt_files
from payments.domain.receipt import Receipt


@dataclass(frozen=True, slots=True)
class ReceiptStored:
    """The PDF lies in the store; `sha256` is that of its bytes."""

    receipt: Receipt
    sha256: str


async def receipt_stored(command: ReceiptStored, uow: UnitOfWork) -> None:
    """Tells the others, once, now that the file can be fetched. An invoice of no payment is for staff to send."""
    receipt, file = command.receipt, receipt_files.c.id == command.receipt.id
    stored = update(receipt_files).where(file, receipt_files.c.stored_at.is_(None))
    done = await uow.execute(stored.values(sha256=command.sha256, stored_at=uow.now, next_try_at=None))
    if done.rowcount == 1 and receipt.payment_id is not None:
        uow.record(_event(receipt, receipt.payment_id), version=1)


def _event(receipt: Receipt, payment_id: UUID) -> ReceiptIssued:
    return ReceiptIssued(
        receipt_id=receipt.id,
        number=receipt.number,
        kind=receipt.kind,
        booking_id=receipt.booking_id,
        payment_id=payment_id,
        refund_id=receipt.refund_id,
        amount_cents=abs(receipt.amount_cents),
        storage_key=receipt.storage_key,
        issued_at=receipt.issued_at,
    )
