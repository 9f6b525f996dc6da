"""Staff make discount codes, change them, and take them out of use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.catalog import DiscountCodeChanged, DiscountCodeState
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from catalog.adapters.repository import plain
from catalog.adapters.tables import discount_codes
from catalog.commands.history import Change, changed_fields, record_change
from catalog.domain.discount_codes import check_discount_code

ENTITY = "discount-codes"
_STATE = tuple(DiscountCodeState.model_fields)


@dataclass(frozen=True, slots=True)
class AddDiscountCode:
    """`fields` are those of the code's state without id and version; without `valid_from` it is valid from now on.
    `key` is the request's.
    """

    fields: Mapping[str, Any]
    by: Caller
    key: IdempotencyKey | None = None


async def add_discount_code(command: AddDiscountCode, uow: UnitOfWork) -> UUID:
    """The new code's id; it is told to everyone. Raises `Invalid`, also for a code that is there already, and what
    `claim` raises.
    """
    attempt = new_id()
    code_id = await claim(uow, command.key, attempt)
    if code_id == attempt:
        await _add(command, code_id, uow)
    return code_id


async def _add(command: AddDiscountCode, code_id: UUID, uow: UnitOfWork) -> None:
    fields = {**command.fields, "valid_from": command.fields.get("valid_from") or uow.now}
    state = DiscountCodeState.model_validate({"id": code_id, "version": 1, **fields})
    check_discount_code(state)
    values = {**_columns(state), "created_at": uow.now, "updated_at": uow.now}
    statement = insert(discount_codes).values(**values).on_conflict_do_nothing(index_elements=["code"])
    added = (await uow.execute(statement.returning(discount_codes))).one_or_none()
    if added is None:
        raise Invalid({"code": ["There is a discount code like this already."]})
    row = plain(added)
    change = Change(ENTITY, "created", f"Discount code {state.code} added", None, state.id, after=row)
    await record_change(uow, change, command.by)
    uow.record(DiscountCodeChanged(discount_code=state), state.version)


@dataclass(frozen=True, slots=True)
class ChangeDiscountCode:
    """`changes` holds only the fields that change; a `valid_from` of null makes it valid from now on."""

    code_id: UUID
    changes: Mapping[str, Any]
    by: Caller


async def change_discount_code(command: ChangeDiscountCode, uow: UnitOfWork) -> dict[str, Any]:
    """The code's row as it is now, told to everyone. Raises `NotFound` or `Invalid`.

    Bookings that used it keep their discount.
    """
    this = discount_codes.c.id == command.code_id
    row = await uow.fetch_one(select(discount_codes).where(this).with_for_update())
    if row is None:
        raise NotFound("There is no such discount code.")
    before = plain(row)
    if command.changes.get("code", before["code"]) != before["code"]:
        raise Invalid({"code": ["This can't be changed."]})
    merged = before | dict(command.changes) | {"version": before["version"] + 1}
    merged["valid_from"] = merged["valid_from"] or uow.now
    state = DiscountCodeState.model_validate({name: merged[name] for name in _STATE})
    check_discount_code(state)
    statement = update(discount_codes).where(this).values(**_columns(state), updated_at=uow.now)
    after = plain((await uow.execute(statement.returning(discount_codes))).one())
    action: Any = "deactivated" if before["is_active"] and not after["is_active"] else "changed"
    told = {name: value for name, value in after.items() if name != "version"}
    sentence = f"Discount code {state.code}: {changed_fields(before, told)}"
    await record_change(uow, Change(ENTITY, action, sentence, None, state.id, before, after), command.by)
    uow.record(DiscountCodeChanged(discount_code=state), state.version)
    return after


def _columns(state: DiscountCodeState) -> dict[str, Any]:
    return state.model_dump() | {"allowed_service_types": list(state.allowed_service_types)}
