"""The worker's errands about documents: issue what is due, then make each PDF and lay it into the store."""

import asyncio
import hashlib
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.storage import Storage

from payments.adapters import claims
from payments.adapters.receipt_pdf import receipt_pdf
from payments.commands.issue_receipt import IssueCreditNote, IssueReceipt, ReverseCreditNote
from payments.commands.receipt_stored import ReceiptStored
from payments.errands.together import all_of
from payments.queries.receipts import due_credit_notes, due_receipts, due_reversals, receipt_by_id


class ReceiptErrands:
    """Each may be repeated at any point: a document is issued once, and its file is the same bytes every time."""

    def __init__(self, commands: Commands, database: Database, storage: Storage, clock: Clock, zone: ZoneInfo) -> None:
        self._commands = commands
        self._database = database
        self._storage = storage
        self._clock = clock
        self._zone = zone

    async def turn(self) -> bool:
        """Issues and stores a batch; true if there are probably more."""
        wishes: list[IssueReceipt | IssueCreditNote | ReverseCreditNote] = [
            *await due_receipts(self._database),
            *await due_credit_notes(self._database),
            *await due_reversals(self._database),
        ]
        await all_of("receipt", wishes, self._commands.execute)
        files = await claims.RECEIPT_FILES.take(self._database, self._clock())
        await all_of("receipt's file", files, self.store)
        return len(files) == claims.BATCH

    async def store(self, receipt_id: UUID) -> None:
        """Lays the PDF into the store, and tells of it once it is there."""
        receipt = await receipt_by_id(self._database, receipt_id)
        content = await asyncio.to_thread(receipt_pdf, receipt, self._zone)
        await self._storage.put(receipt.storage_key, content, "application/pdf")
        await self._commands.execute(ReceiptStored(receipt, hashlib.sha256(content).hexdigest()))
