"""How a person is forgotten here, whoever asks, and how often: a part of several use cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import StaffUpdated
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, insert, select, update

from customers.adapters.people_tables import erasure_reports, erasures
from customers.adapters.repository import staff_state
from customers.adapters.sessions import end_sessions
from customers.adapters.tables import accounts, customers, staff
from customers.adapters.traces import Person, forget
from customers.queries.accounts import STAFF_BY_ID

Kind = Literal["customer", "staff", "guest"]
Requester = Literal["customer", "staff", "operator"]

ACCOUNTS = (
    select(accounts, customers.c.email_verified_at, staff.c.role)
    .select_from(
        accounts.outerjoin(customers, customers.c.id == accounts.c.id).outerjoin(staff, staff.c.id == accounts.c.id)
    )
    .where(accounts.c.erased_at.is_(None))
    .with_for_update(of=accounts)
)
"""Accounts that are not erased, locked."""

ACCOUNT_BY_ID = ACCOUNTS.where(accounts.c.id == bindparam("id"))
_EMPTY = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(
        email=bindparam("nobody"),
        password_hash="",
        first_name="",
        last_name="",
        phone="",
        version=accounts.c.version + 1,
        access_version=accounts.c.access_version + 1,
        updated_at=bindparam("now"),
        erased_at=bindparam("now"),
    )
    .returning(accounts.c.version, accounts.c.access_version)
)
_LET_GO = update(staff).where(staff.c.id == bindparam("account")).values(is_active=False, employee_id=None)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done, or would be: rows per table, and what stays with the reason.

    `email_sha256` is empty when the address is not known to be the person's. `cancelled` are the numbers of the
    bookings that end with it, by the terms of their cancellation.
    """

    id: UUID
    kind: Kind
    email_sha256: str
    erased_at: datetime
    erased: dict[str, int]
    kept: dict[str, str]
    cancelled: list[str]


def account_rows(account: Row[Any] | None) -> dict[str, int]:
    """The account as it counts in reports."""
    return {"accounts": 1} if account is not None else {}


async def forget_here(person: Person, account: Row[Any] | None, uow: UnitOfWork) -> dict[str, int]:
    """Forgets everything in this service but the account itself; rows per table, with the account's."""
    erased = await forget(uow, person) | account_rows(account)
    if scrubbed := await scrub_messages(uow, [person.id], _words(person, account)):
        erased["messages"] = scrubbed
    return erased


def _words(person: Person, account: Row[Any] | None) -> list[str]:
    if account is None or not person.email:
        return [person.email]
    return [person.email, account.phone, f"{account.first_name} {account.last_name}"]


async def note_erasure(done: Erasure, requested_by: Requester, staff_id: UUID | None, uow: UnitOfWork) -> None:
    """Keeps who is to stay forgotten, and this service's own report."""
    row = {name: getattr(done, name) for name in ("id", "kind", "email_sha256", "erased_at")}
    await uow.execute(insert(erasures), {**row, "requested_by": requested_by, "staff_id": staff_id})
    report = {"erasure_id": done.id, "service": "customers", "erased": done.erased, "kept": done.kept}
    await uow.execute(insert(erasure_reports), {**report, "reported_at": uow.now})


async def empty_account(done: Erasure, account: Row[Any], uow: UnitOfWork) -> int:
    """Leaves an empty row of a locked account, whose sessions end; returns the account's new version."""
    changed = await uow.fetch_one(_EMPTY, {"account": account.id, "nobody": f"erased-{account.id.hex}", "now": uow.now})
    assert changed is not None
    await end_sessions(uow, account.id, changed.version, changed.access_version, "erased")
    if done.kind == "staff":
        await uow.execute(_LET_GO, {"account": account.id})
        member = await uow.fetch_one(STAFF_BY_ID, {"id": account.id})
        assert member is not None
        told = StaffUpdated(staff=staff_state(member).model_copy(update={"email": ""}))
        uow.record(told, changed.version)
    return int(changed.version)
