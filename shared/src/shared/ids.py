"""Identifiers: UUID version 7, so that new rows land at the end of an index and sort by age."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def made_at(identifier: UUID) -> datetime | None:
    """When a UUIDv7 was made, to the millisecond, by the clock of who made it; nothing for other kinds of ids."""
    if identifier.version != 7:
        return None
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
