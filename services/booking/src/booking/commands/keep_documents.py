"""Files that belong to a booking are kept, and removed again.

The store of files knows no transactions. A file's key goes on the list of removals before the file is stored, and the
transaction that adds the document takes it off again: whatever dies in between leaves nothing behind.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from shared.storage import StorageDown
from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.file_contents import PICTURES, CheckedFile, DocumentKind
from booking.adapters.logistics_tables import documents, file_removals
from booking.adapters.repository import find_booking
from booking.commands.audit import record_audit

TIME_TO_STORE = timedelta(hours=1)
MOST_DOCUMENTS = 200
"""Of one booking; whoever has a crew's link must not be able to fill the store."""

SHOWN_TO_CUSTOMERS: frozenset[DocumentKind] = frozenset({"coi", *PICTURES})

UploaderKind = Literal["staff", "crew", "system"]

_PLAN_REMOVAL = insert(file_removals).on_conflict_do_nothing()
_CALL_OFF = delete(file_removals).where(file_removals.c.storage_key == bindparam("of_key"))
_ADD = insert(documents).on_conflict_do_nothing(index_elements=["booking_id", "kind", "sha256"]).returning(documents)
_TWIN = select(documents).where(
    documents.c.booking_id == bindparam("of_booking"),
    documents.c.kind == bindparam("of_kind"),
    documents.c.sha256 == bindparam("of_sha256"),
)
_COUNT = select(func.count()).select_from(documents).where(documents.c.booking_id == bindparam("of_booking"))
_FIND = select(documents).where(
    documents.c.booking_id == bindparam("of_booking"), documents.c.id == bindparam("wanted")
)
_REMOVE = (
    delete(documents)
    .where(documents.c.booking_id == bindparam("of_booking"), documents.c.id == bindparam("wanted"))
    .returning(documents.c.storage_key, documents.c.kind)
)


class TooManyDocuments(Conflict):
    """A booking has as many files as it may have."""

    code = "too_many_documents"
    message = f"A booking can have {MOST_DOCUMENTS} documents at most."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is in the store and on the list of removals; `sha256` is of what was stored."""

    id: UUID
    kind: DocumentKind
    storage_key: str
    filename: str
    content_type: str
    size_bytes: int
    sha256: str


def file_to_store(kind: DocumentKind, filename: str, file: CheckedFile) -> StoredFile:
    """A checked file with a key of its own."""
    document_id = new_id()
    return StoredFile(
        id=document_id,
        kind=kind,
        storage_key=f"documents/{document_id}.{file.extension}",
        filename=filename,
        content_type=file.content_type,
        size_bytes=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class PlanRemoval:
    """Remove what will be stored under this key, unless it becomes a document soon."""

    storage_key: str


async def plan_removal(command: PlanRemoval, uow: UnitOfWork) -> None:
    """Puts the key on the list."""
    await uow.execute(_PLAN_REMOVAL, {"storage_key": command.storage_key, "due_at": uow.now + TIME_TO_STORE})


@dataclass(frozen=True, slots=True)
class AddDocument:
    """Make a stored file a document of the booking; `visible_to_customer` null leaves it to the kind."""

    booking_id: UUID
    file: StoredFile
    staff: StaffMember
    visible_to_customer: bool | None = None
    key: IdempotencyKey | None = field(default=None)


async def add_document(command: AddDocument, uow: UnitOfWork) -> Row[Any]:
    """The document, or the one that the same file became before; raises `NotFound` and what `claim` raises."""
    wanted = await claim(uow, command.key, command.file.id)
    booking = await find_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if wanted != command.file.id:
        return await document_of(uow, booking.id, wanted)
    added = await attach(uow, booking.id, command.file, "staff", command.staff.id, command.visible_to_customer)
    record_audit(uow, command.staff, "booking_updated", booking, after={"document_added": str(added.id)})
    return added


async def attach(
    uow: UnitOfWork,
    booking_id: UUID,
    file: StoredFile,
    by: UploaderKind,
    by_id: UUID | None,
    visible_to_customer: bool | None = None,
) -> Row[Any]:
    """Adds a stored file to a booking; a file that the booking has already is not added twice.

    Raises `TooManyDocuments`, and `StorageDown` when storing it took so long that it was removed again.
    """
    visible = file.kind in SHOWN_TO_CUSTOMERS if visible_to_customer is None else visible_to_customer
    row = {name: getattr(file, name) for name in StoredFile.__dataclass_fields__} | {
        "booking_id": booking_id,
        "visible_to_customer": visible,
        "uploaded_by": by,
        "uploaded_by_id": by_id,
        "created_at": uow.now,
    }
    added = await uow.fetch_one(_ADD, row)
    if added is not None and await uow.scalar(_COUNT, {"of_booking": booking_id}) > MOST_DOCUMENTS:
        raise TooManyDocuments()
    if added is None:
        found = await uow.fetch_one(_TWIN, {"of_booking": booking_id, "of_kind": file.kind, "of_sha256": file.sha256})
        assert found is not None, "a document that is there already is found"
        return found
    if (await uow.execute(_CALL_OFF, {"of_key": file.storage_key})).rowcount != 1:
        raise StorageDown()
    return added


async def document_of(uow: UnitOfWork, booking_id: UUID, document_id: UUID) -> Row[Any]:
    """One document of a booking; raises `NotFound`."""
    found = await uow.fetch_one(_FIND, {"of_booking": booking_id, "wanted": document_id})
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class LookAtDocuments:
    """Show the documents of a booking to this member of staff."""

    booking_id: UUID
    staff: StaffMember


async def look_at_documents(command: LookAtDocuments, uow: UnitOfWork) -> None:
    """Records it; raises `NotFound`."""
    booking = await find_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    record_audit(uow, command.staff, "booking_viewed", booking, after={"documents": "listed"})


@dataclass(frozen=True, slots=True)
class RemoveDocument:
    """Take a document off a booking, and its file out of the store."""

    booking_id: UUID
    document_id: UUID
    staff: StaffMember


async def remove_document(command: RemoveDocument, uow: UnitOfWork) -> None:
    """Raises `NotFound`; the file goes a moment later."""
    booking = await find_booking(uow, command.booking_id)
    removed = await uow.fetch_one(_REMOVE, {"of_booking": command.booking_id, "wanted": command.document_id})
    if booking is None or removed is None:
        raise NotFound()
    await uow.execute(_PLAN_REMOVAL, {"storage_key": removed.storage_key, "due_at": uow.now})
    record_audit(uow, command.staff, "booking_updated", booking, before={"document_removed": str(command.document_id)})
