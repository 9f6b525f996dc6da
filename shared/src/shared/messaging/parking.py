"""The parking lot: messages that can't be handled wait in a table until people replay or drop them."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.clock import utc_now
from shared.db.engine import Database
from shared.db.tables import parked_messages as parked
from shared.ids import new_id


async def park(database: Database, body: bytes, headers: dict[str, Any], error: str, attempts: int) -> None:
    """Stores a message; one that is parked already only counts again."""
    now = utc_now()
    event_id, event_type = _names_of(body)
    statement = insert(parked).values(
        id=new_id(),
        fingerprint=hashlib.sha256(body).hexdigest(),
        event_id=event_id,
        type=event_type,
        body=body,
        headers={_storable(name): _storable(str(value)) for name, value in headers.items()},
        error=_storable(error),
        attempts=attempts,
        first_seen_at=now,
        last_seen_at=now,
    )
    repeated = statement.on_conflict_do_update(
        index_elements=["fingerprint"],
        set_={
            "last_seen_at": now,
            "error": statement.excluded.error,
            "attempts": parked.c.attempts + statement.excluded.attempts,
            "resolved_at": None,
            "resolution": None,
        },
    )
    async with database.transaction() as connection:
        await connection.execute(repeated)


def _names_of(body: bytes) -> tuple[str, str]:
    try:
        envelope = orjson.loads(body)
        return _storable(str(envelope.get("id", ""))[:100]), _storable(str(envelope.get("type", ""))[:200])
    except (ValueError, AttributeError):
        return "", ""


def _storable(text: str) -> str:
    """The text without what the database can't store."""
    return text.replace("\x00", "\\0").encode(errors="replace").decode()


async def parked_count(database: Database) -> int:
    """How many messages wait for people."""
    row = await database.fetch_one(select(func.count()).select_from(parked).where(parked.c.resolved_at.is_(None)))
    return int(row[0]) if row else 0


async def list_parked(database: Database, limit: int = 100) -> list[Row[Any]]:
    """The oldest messages that wait for people."""
    statement = select(parked).where(parked.c.resolved_at.is_(None)).order_by(parked.c.first_seen_at).limit(limit)
    return await database.fetch_all(statement)


async def get_parked(database: Database, message_id: UUID) -> Row[Any] | None:
    """One parked message, resolved or not."""
    return await database.fetch_one(select(parked).where(parked.c.id == message_id))


async def resolve(database: Database, message_id: UUID, resolution: str, last_seen_at: datetime | None = None) -> bool:
    """Marks a parked message as replayed or dropped, with the reason; false if there is nothing to resolve any more.

    With `last_seen_at` one that was parked again since then goes on waiting.
    """
    statement = (
        update(parked)
        .where(parked.c.id == message_id, parked.c.resolved_at.is_(None))
        .values(resolved_at=utc_now(), resolution=resolution)
    )
    if last_seen_at is not None:
        statement = statement.where(parked.c.last_seen_at == last_seen_at)
    async with database.transaction() as connection:
        return (await connection.execute(statement)).rowcount == 1
