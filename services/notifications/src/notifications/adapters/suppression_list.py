"""Addresses that messages are kept back from."""

from typing import Literal
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.copies import sha256_of
from notifications.adapters.tables import suppressions

Channel = Literal["email", "sms"]
Reason = Literal["bounce", "complaint", "stop", "unsubscribe", "staff"]
Blocks = Literal["all", "optional"]

_source = insert(suppressions)
_SUPPRESS = _source.on_conflict_do_update(
    index_elements=["channel", "address_sha256"],
    set_={name: _source.excluded[name] for name in ("reason", "blocks", "note", "created_at")},
    where=(suppressions.c.blocks == "optional") & (_source.excluded.blocks == "all"),
).returning(suppressions.c.id)


async def suppress(
    uow: UnitOfWork, channel: Channel, address: str, reason: Reason, blocks: Blocks, note: str = ""
) -> UUID | None:
    """Keeps messages back from an address; null when they are kept back as much already."""
    row = await uow.fetch_one(
        _SUPPRESS,
        {
            "id": new_id(),
            "channel": channel,
            "address_sha256": sha256_of(address),
            "address": address.strip().lower(),
            "reason": reason,
            "blocks": blocks,
            "note": note,
            "created_at": uow.now,
        },
    )
    return None if row is None else UUID(str(row.id))


async def lift(uow: UnitOfWork, channel: Channel, address: str) -> None:
    """Lets messages through again."""
    found = suppressions.c.channel == channel, suppressions.c.address_sha256 == sha256_of(address)
    await uow.execute(delete(suppressions).where(*found))
