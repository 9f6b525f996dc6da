"""The documents of bookings, and the links by which they are downloaded."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.storage import Storage, linked_content
from sqlalchemy import Row, bindparam, select

from booking.adapters.file_contents import CONTENT_TYPES
from booking.adapters.logistics_tables import documents

LINK_SECONDS = 300

_OF_BOOKING = (
    select(documents)
    .where(documents.c.booking_id == bindparam("booking"))
    .order_by(documents.c.created_at, documents.c.id)
)
_FOR_CUSTOMER = _OF_BOOKING.where(documents.c.visible_to_customer)
_SHOWN = ("id", "kind", "filename", "content_type", "size_bytes", "created_at")
_SHOWN_TO_STAFF = (*_SHOWN, "sha256", "visible_to_customer", "uploaded_by", "uploaded_by_id")


class DocumentQueries:
    """Documents as answers show them, each with a link that lives for five minutes."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def for_staff(self, booking_id: UUID) -> list[dict[str, Any]]:
        """All documents of a booking, oldest first."""
        rows = await self._database.fetch_all(_OF_BOOKING, {"booking": booking_id})
        return [await self.document(row) for row in rows]

    async def for_customer(self, booking_id: UUID) -> list[dict[str, Any]]:
        """Those that are meant for the customer."""
        rows = await self._database.fetch_all(_FOR_CUSTOMER, {"booking": booking_id})
        return [await self._with_link(row, _SHOWN) for row in rows]

    async def document(self, row: Row[Any]) -> dict[str, Any]:
        """One document as staff see it."""
        return await self._with_link(row, _SHOWN_TO_STAFF)

    async def linked(self, key: str, expires: int, filename: str, signature: str) -> tuple[bytes, str]:
        """(content, media type) of what a signed link of ours names; raises `NotFound`."""
        content = await linked_content(self._storage, key, expires, filename, signature)
        return content, CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream")

    async def _with_link(self, row: Row[Any], names: tuple[str, ...]) -> dict[str, Any]:
        link = await self._storage.link(row.storage_key, LINK_SECONDS, row.filename)
        return {**{name: getattr(row, name) for name in names}, "download_url": link}
