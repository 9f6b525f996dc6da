"""Keep what the last comparison with Stripe has found: the proof of the money shows it."""

from dataclasses import dataclass

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from payments.adapters.tables import comparisons

MOVEMENTS = "movements"


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """All movements of the last days were compared; `differences` of them are not as the books have them."""

    movements: int
    differences: int


async def record_comparison(command: RecordComparison, uow: UnitOfWork) -> None:
    """Replaces the one before."""
    found = {"movements": command.movements, "differences": command.differences, "compared_at": uow.now}
    keep = insert(comparisons).values(name=MOVEMENTS, **found)
    await uow.execute(keep.on_conflict_do_update(index_elements=["name"], set_=found))
