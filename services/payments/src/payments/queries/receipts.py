"""Reads of numbered documents: what is due to be issued, and what a booking has."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.money import dollars
from shared.storage import Storage, linked_content
from sqlalchemy import Row, Select, bindparam, select

from payments.adapters.receipt_tables import receipt_files, receipts
from payments.adapters.tables import payments, refunds
from payments.commands.issue_receipt import COLUMNS, IssueCreditNote, IssueReceipt, ReverseCreditNote, receipt_of
from payments.domain.receipt import Receipt, storage_key_of

LINK_SECONDS = 300
_BATCH = 16

_DUE_RECEIPTS = (
    select(payments.c.id)
    .where(payments.c.captured_cents > 0, payments.c.receipt_id.is_(None), payments.c.duplicate_of.is_(None))
    .order_by(payments.c.processed_at)
    .limit(_BATCH)
)
_DUE_CREDIT_NOTES = (
    select(refunds.c.id, refunds.c.payment_id)
    .join(payments, payments.c.id == refunds.c.payment_id)
    .where(refunds.c.status == "succeeded", refunds.c.credit_note_id.is_(None), payments.c.duplicate_of.is_(None))
    .order_by(refunds.c.processed_at)
    .limit(_BATCH)
)
_DUE_REVERSALS = (
    select(refunds.c.id, refunds.c.payment_id)
    .where(refunds.c.status == "failed", refunds.c.credit_note_id.is_not(None), refunds.c.reversal_id.is_(None))
    .order_by(refunds.c.processed_at)
    .limit(_BATCH)
)
_SHOWN = ("id", "number", "kind", "booking_number", "payment_id", "refund_id", "amount_cents", "issued_at")
_ALL = (
    select(*(receipts.c[name] for name in _SHOWN), receipt_files.c.stored_at)
    .join(receipt_files, receipt_files.c.id == receipts.c.id)
    .order_by(receipts.c.issued_at.desc(), receipts.c.id.desc())
    .limit(200)
)
_WHOLE = select(*COLUMNS).where(receipts.c.id == bindparam("id"))
_OF_BOOKING = _ALL.where(receipts.c.booking_id == bindparam("id"))
_OF_PAYMENT = _ALL.where(receipts.c.payment_id == bindparam("id"))
_ONE = _ALL.where(receipts.c.id == bindparam("id"))


async def due_receipts(database: Database) -> list[IssueReceipt]:
    """Payments that came in and have no receipt, at most 16."""
    return [IssueReceipt(row.id) for row in await database.fetch_all(_DUE_RECEIPTS)]


async def due_credit_notes(database: Database) -> list[IssueCreditNote]:
    """Refunds that went out and have no credit note, at most 16."""
    return [IssueCreditNote(row.id, row.payment_id) for row in await database.fetch_all(_DUE_CREDIT_NOTES)]


async def due_reversals(database: Database) -> list[ReverseCreditNote]:
    """Refunds that came back after their credit notes, at most 16."""
    return [ReverseCreditNote(row.id, row.payment_id) for row in await database.fetch_all(_DUE_REVERSALS)]


async def receipt_by_id(database: Database, receipt_id: UUID) -> Receipt:
    """A document that is there."""
    row = await database.fetch_one(_WHOLE, {"id": receipt_id})
    assert row is not None
    return receipt_of(row)


class Receipts:
    """Documents as they are shown, each with a link that lasts five minutes once its file is there."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def of_booking(self, booking_id: UUID) -> list[dict[str, Any]]:
        """All of a booking's, newest first."""
        return await self._shown(_OF_BOOKING, booking_id)

    async def of_payment(self, payment_id: UUID) -> list[dict[str, Any]]:
        """All of a payment's, newest first."""
        return await self._shown(_OF_PAYMENT, payment_id)

    async def one(self, receipt_id: UUID) -> dict[str, Any]:
        """One that was just issued."""
        return (await self._shown(_ONE, receipt_id))[0]

    async def linked(self, key: str, expires: int, filename: str, signature: str) -> bytes:
        """What a signed link of ours names; raises `NotFound`."""
        return await linked_content(self._storage, key, expires, filename, signature)

    async def _shown(self, query: Select[Any], of: UUID) -> list[dict[str, Any]]:
        return [await self._with_link(row) for row in await self._database.fetch_all(query, {"id": of})]

    async def _with_link(self, row: Row[Any]) -> dict[str, Any]:
        url = None
        if row.stored_at is not None:
            url = await self._storage.link(storage_key_of(row.number), LINK_SECONDS, f"{row.number}.pdf")
        shown = {name: getattr(row, name) for name in _SHOWN}
        return {**shown, "amount_dollars": dollars(row.amount_cents), "download_url": url}
