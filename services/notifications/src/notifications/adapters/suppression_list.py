"""Addresses that messages are kept back from."""

from typing import Literal
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.copies import sha256_of
from notifications.adapters.tables import erased, suppressions

Channel = Literal["email", "sms"]
Reason = Literal["bounce", "complaint", "stop", "unsubscribe", "staff"]
Blocks = Literal["all", "optional"]

_source = insert(suppressions)
_SUPPRESS = _source.on_conflict_do_update(
    index_elements=["channel", "address_sha256"],
    set_={name: _source.excluded[name] for name in ("reason", "blocks", "note", "created_at")},
    where=(suppressions.c.blocks == "optional") & (_source.excluded.blocks == "all"),
).returning(suppressions.c.id)


_IS_FORGOTTEN = select(exists().where(erased.c.email_sha256 == bindparam("email_sha256")))


async def suppress(
    uow: UnitOfWork, channel: Channel, address: str, reason: Reason, blocks: Blocks, note: str = ""
) -> UUID | None:
    """Keeps messages back from an address; null when they are kept back as much already.

    What a carrier tells of somebody who is forgotten is kept under the hash alone.
    """
    by_carrier = reason in ("bounce", "complaint")
    is_forgotten = by_carrier and await uow.scalar(_IS_FORGOTTEN, {"email_sha256": sha256_of(address)})
    row = await uow.fetch_one(
        _SUPPRESS,
        {
            "id": new_id(),
            "channel": channel,
            "address_sha256": sha256_of(address),
            "address": "" if is_forgotten else address.strip().lower(),
            "reason": reason,
            "blocks": blocks,
            "note": note,
            "created_at": uow.now,
        },
    )
    return None if row is None else UUID(str(row.id))


async def lift(uow: UnitOfWork, channel: Channel, address: str, reason: Reason) -> None:
    """Lets messages through again that were kept back for this reason."""
    its_own = suppressions.c.channel == channel, suppressions.c.address_sha256 == sha256_of(address)
    await uow.execute(delete(suppressions).where(*its_own, suppressions.c.reason == reason))
