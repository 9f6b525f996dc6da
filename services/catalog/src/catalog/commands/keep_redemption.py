"""Keeps count of how often discount codes are used."""

from dataclasses import dataclass

from shared.contracts.booking_state import Redemption
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from catalog.adapters.tables import redemptions

_UPSERT = insert(redemptions)
_UPSERT = _UPSERT.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _UPSERT.excluded[name] for name in ("version", "released", "amount_cents")},
    where=_UPSERT.excluded.version > redemptions.c.version,
)


@dataclass(frozen=True, slots=True)
class KeepRedemption:
    """A use of a code as booking told it; `released` when the booking gave it back."""

    redemption: Redemption
    released: bool


async def keep_redemption(command: KeepRedemption, uow: UnitOfWork) -> None:
    """Keeps the copy, unless a newer one is there."""
    use = command.redemption
    values = use.model_dump(include={"id", "version", "code_id", "booking_id", "customer_id", "amount_cents"})
    await uow.execute(_UPSERT, {**values, "released": command.released})
