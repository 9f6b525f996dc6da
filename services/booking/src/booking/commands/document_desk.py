"""Takes files in: checks what they are, stores them, and makes them documents of a booking."""

from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.commands import Commands
from shared.db.engine import Database
from shared.http.idempotency import AlreadyAnswered, IdempotencyKey, complete, once
from shared.storage import Storage
from sqlalchemy import Row, bindparam, select

from booking.adapters.file_contents import DocumentKind, checked_file, safe_filename
from booking.adapters.logistics_tables import documents
from booking.commands.keep_documents import AddDocument, PlanRemoval, StoredFile, file_to_store

_BY_ID = select(documents).where(documents.c.id == bindparam("wanted"))


class DocumentDesk:
    """Keeps files for staff and for crews."""

    def __init__(self, database: Database, commands: Commands, storage: Storage) -> None:
        self._database = database
        self._commands = commands
        self._storage = storage

    async def store(self, kind: DocumentKind, filename: str, content: bytes, field: str = "file") -> StoredFile:
        """A file in the store, which goes again within the hour unless a document is made of it.

        Raises `Invalid` for what is not of an allowed type, and `StorageDown`.
        """
        checked = await checked_file(content, kind, field)
        file = file_to_store(kind, safe_filename(filename, checked.extension), checked)
        await self._commands.execute(PlanRemoval(file.storage_key))
        await self._storage.put(file.storage_key, checked.content, checked.content_type)
        return file

    async def add(
        self,
        booking_id: UUID,
        file: StoredFile,
        staff: StaffMember,
        visible_to_customer: bool | None,
        key: IdempotencyKey | None,
    ) -> tuple[Row[Any], bool]:
        """(the document, whether it is the answer to an earlier request with this key)."""
        command = AddDocument(booking_id, file, staff, visible_to_customer, key)
        added, before = await once(self._database, key, lambda: self._commands.execute(command))
        if before is None:
            await complete(self._database, key, 201, {"document_id": str(added.id)})
            return added, False
        found = await self._database.fetch_one(_BY_ID, {"wanted": UUID(before.body["document_id"])})
        if found is None:
            raise AlreadyAnswered(before)
        return found, True
