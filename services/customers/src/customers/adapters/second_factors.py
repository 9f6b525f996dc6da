"""Keeps second factors: secrets sealed, recovery codes as hashes."""

import re
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.sealing import Sealer
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from customers.adapters.secret_tables import recovery_codes, second_factors
from customers.adapters.totp import new_secret, step_of
from customers.domain.recovery_codes import new_recovery_codes, recovery_hash

APP_CODE = re.compile(r"[0-9]{6}\Z")

_OF_STAFF = second_factors.c.staff_id == bindparam("of_staff")
_CODES_OF_STAFF = recovery_codes.c.staff_id == bindparam("of_staff")
_KEPT = select(second_factors).where(_OF_STAFF).with_for_update()
_arriving = upsert(second_factors)
_BEGIN = _arriving.on_conflict_do_update(
    index_elements=["staff_id"], set_={"new_secret_sealed": _arriving.excluded.new_secret_sealed}
)
_USED = update(second_factors).where(_OF_STAFF).values(last_step=bindparam("step"))
_CONFIRM = (
    update(second_factors)
    .where(_OF_STAFF)
    .values(
        secret_sealed=second_factors.c.new_secret_sealed,
        new_secret_sealed=None,
        last_step=bindparam("step"),
        confirmed_at=bindparam("now"),
    )
)
_SPEND = (
    delete(recovery_codes)
    .where(_CODES_OF_STAFF, recovery_codes.c.code_sha256 == bindparam("digest"))
    .returning(recovery_codes.c.staff_id)
)
_LEFT = select(func.count()).select_from(recovery_codes).where(_CODES_OF_STAFF)


class SecondFactors:
    """Apps and recovery codes of staff."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def begin(self, uow: UnitOfWork, staff_id: UUID) -> str:
        """A new secret, which counts once its owner has proved to have it; until then the earlier one does."""
        secret = new_secret()
        await uow.execute(_BEGIN, {"staff_id": staff_id, "new_secret_sealed": self._sealer.seal(secret)})
        return secret

    async def confirm(self, uow: UnitOfWork, staff_id: UUID, code: str) -> list[str] | None:
        """Makes the new secret the one in use if the code is of it; gives new recovery codes, or nothing."""
        kept = await uow.fetch_one(_KEPT, {"of_staff": staff_id})
        if kept is None or kept.new_secret_sealed is None:
            return None
        step = step_of(self._sealer.open(kept.new_secret_sealed), code, uow.now)
        if step is None:
            return None
        await uow.execute(_CONFIRM, {"of_staff": staff_id, "step": step, "now": uow.now})
        await uow.execute(delete(recovery_codes).where(_CODES_OF_STAFF), {"of_staff": staff_id})
        codes = new_recovery_codes()
        rows = [{"staff_id": staff_id, "code_sha256": recovery_hash(code)} for code in codes]
        await uow.execute(insert(recovery_codes), rows)
        return codes

    async def proves(self, uow: UnitOfWork, staff_id: UUID, code: str) -> bool:
        """Whether the code is of the app and newer than the last one used, or a recovery code that is left."""
        if not APP_CODE.match(code):
            spent = {"of_staff": staff_id, "digest": recovery_hash(code)}
            return await uow.scalar(_SPEND, spent) is not None
        kept = await uow.fetch_one(_KEPT, {"of_staff": staff_id})
        if kept is None or kept.secret_sealed is None:
            return False
        step = step_of(self._sealer.open(kept.secret_sealed), code, uow.now)
        if step is None or step <= kept.last_step:
            return False
        await uow.execute(_USED, {"of_staff": staff_id, "step": step})
        return True

    async def remove(self, uow: UnitOfWork, staff_id: UUID) -> None:
        """From now on the password alone lets in."""
        for table, condition in ((recovery_codes, _CODES_OF_STAFF), (second_factors, _OF_STAFF)):
            await uow.execute(delete(table).where(condition), {"of_staff": staff_id})

    async def recovery_codes_left(self, uow: UnitOfWork, staff_id: UUID) -> int:
        """How many recovery codes can still be used."""
        return int(await uow.scalar(_LEFT, {"of_staff": staff_id}))
