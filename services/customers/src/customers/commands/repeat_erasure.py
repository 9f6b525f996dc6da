"""An erasure is applied again, because some database was restored from before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.customers import CustomerErased
from shared.db.tables import outbox
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Column, bindparam, func, select, union_all

from customers.adapters.people_tables import contact_messages, erasures
from customers.adapters.tables import accounts, booking_facts
from customers.adapters.traces import KEPT, Person
from customers.commands.forget_account import (
    ACCOUNT_BY_ID,
    Erasure,
    Kind,
    Requester,
    empty_account,
    forget_here,
    note_erasure,
)

_KNOWN = select(erasures.c.id).where(erasures.c.id == bindparam("id")).with_for_update()


def _with_hash(email: Column[str]) -> Any:
    hashed = func.encode(func.sha256(func.convert_to(func.lower(email), "UTF8")), "hex")
    return select(email.label("email")).where(hashed == bindparam("email_sha256"))


_ADDRESS = union_all(
    *(_with_hash(email) for email in (accounts.c.email, booking_facts.c.contact_email, contact_messages.c.email))
).limit(1)
_NEXT_VERSION = select(func.coalesce(func.max(outbox.c.aggregate_version), 0) + 1).where(
    outbox.c.aggregate_type == CustomerErased.aggregate, outbox.c.aggregate_id == bindparam("id")
)
_VERSION = select(accounts.c.version).where(accounts.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class RepeatErasure:
    """An erasure as it was noted when it happened. `email_sha256` is empty if no address was known to be theirs."""

    id: UUID
    kind: Kind
    email_sha256: str
    requested_by: Requester
    staff_id: UUID | None
    erased_at: datetime


async def repeat_erasure(command: RepeatErasure, uow: UnitOfWork) -> bool:
    """Tells all services again, who do nothing if they have done it; whether this one had to forget again as well.

    It had to if it does not know of the erasure: then it was restored from before it, and all it holds of the person is
    of that time.
    """
    restored = await uow.fetch_one(_KNOWN, {"id": command.id}) is None
    if restored:
        await _forget_again(command, uow)
    told = CustomerErased(customer_id=command.id, email_sha256=command.email_sha256, erased_at=command.erased_at)
    uow.record(told, await _next_version(command.id, uow))
    return restored


async def _forget_again(command: RepeatErasure, uow: UnitOfWork) -> None:
    account = await uow.fetch_one(ACCOUNT_BY_ID, {"id": command.id})
    email = await uow.scalar(_ADDRESS, {"email_sha256": command.email_sha256}) or ""
    person = Person(command.id, email, account.email if account is not None else email)
    erased = await forget_here(person, account, uow)
    done = Erasure(command.id, command.kind, command.email_sha256, command.erased_at, erased, KEPT, [])
    await note_erasure(done, command.requested_by, command.staff_id, uow)
    if account is not None:
        await empty_account(done, account, uow)


async def _next_version(id: UUID, uow: UnitOfWork) -> int:
    """A version that no event of the account has had; guests have no row that would count."""
    used = int(await uow.scalar(_NEXT_VERSION, {"id": id}))
    return max(used, int(await uow.scalar(_VERSION, {"id": id}) or 0))
