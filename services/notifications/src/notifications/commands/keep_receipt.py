"""A receipt was made: the confirmation that waits for it takes it along."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.payments import ReceiptIssued
from shared.db.engine import dump_json
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.tables import receipts
from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.domain.kinds import Kind

_source = insert(receipts)
_KEEP = _source.on_conflict_do_update(
    index_elements=[receipts.c.payment_id],
    set_={name: _source.excluded[name] for name in ("receipt_id", "number", "storage_key", "amount_cents")},
    where=receipts.c.storage_key == "",
).returning(receipts.c.payment_id)
_ENCLOSE = text("""
UPDATE messages SET facts = facts || CAST(:receipt AS jsonb), due_at = :now, version = version + 1
WHERE kind = 'payment_received' AND cause = :cause AND channel = 'email' AND status = 'pending'
  AND facts->>'payment_id' = :payment_id
RETURNING id
""")
_CONFIRMED = text("SELECT customer_id FROM messages WHERE kind = 'payment_received' AND cause = :cause LIMIT 1")


@dataclass(frozen=True, slots=True)
class KeepReceipt:
    """The receipt of a payment. Invoices and credit notes are for the customer to fetch."""

    issued: ReceiptIssued


class ReceiptKeeper:
    """Puts the receipt into its confirmation, or sends it after the confirmation that went without."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: KeepReceipt, uow: UnitOfWork) -> None:
        """Each receipt goes out once: a confirmation in a sender's hands was claimed without it and stays so."""
        issued = command.issued
        if issued.kind != "receipt" or await uow.fetch_one(_KEEP, _row(issued)) is None:
            return
        receipt = {"number": issued.number, "storage_key": issued.storage_key}
        about = {"cause": str(issued.booking_id), "payment_id": str(issued.payment_id), "now": uow.now}
        if await uow.fetch_all(_ENCLOSE, {**about, "receipt": dump_json({"receipt": receipt})}):
            self._writer.wake_after(uow)
            return
        confirmed = await uow.fetch_one(_CONFIRMED, {"cause": str(issued.booking_id)})
        if confirmed is not None:
            facts = {"receipt": receipt, "amount_cents": issued.amount_cents}
            follows = WriteMessage(
                Kind.RECEIPT, str(issued.receipt_id), issued.booking_id, confirmed.customer_id, facts=facts
            )
            self._writer.write([follows], uow)


def _row(issued: ReceiptIssued) -> dict[str, Any]:
    names = {"payment_id", "booking_id", "receipt_id", "number", "storage_key", "amount_cents"}
    return issued.model_dump(include=names)
