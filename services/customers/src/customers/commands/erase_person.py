"""Somebody is forgotten: here at once, in all other services by the event.

What is left of an account is its empty row, whose id bookings and the audit log may go on naming. The address is free
for a new account in the same moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import AuditRecorded, CustomerErased, StaffUpdated
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from customers.adapters.people_tables import contact_messages, erasure_reports, erasures
from customers.adapters.repository import append_audit, staff_state
from customers.adapters.sessions import end_sessions
from customers.adapters.tables import accounts, booking_facts, customers, staff
from customers.adapters.traces import KEPT, Person, forget, would_forget
from customers.domain.errors import CustomerNotFound, LastAdmin
from customers.domain.forgetting import OPEN_STATUSES, NobodyToErase, OpenBookings, fingerprint
from customers.queries.accounts import STAFF_BY_ID

Kind = Literal["customer", "staff", "guest"]
MOST_NAMED = 10

_ACCOUNTS = (
    select(accounts, customers.c.email_verified_at, staff.c.role)
    .select_from(
        accounts.outerjoin(customers, customers.c.id == accounts.c.id).outerjoin(staff, staff.c.id == accounts.c.id)
    )
    .where(accounts.c.erased_at.is_(None))
    .with_for_update(of=accounts)
)
_BY_ID = _ACCOUNTS.where(accounts.c.id == bindparam("id"))
_BY_EMAIL = _ACCOUNTS.where(accounts.c.email == bindparam("email"))
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
_OTHER_ADMINS = (
    select(func.count())
    .select_from(staff)
    .where(staff.c.role == "admin", staff.c.is_active, staff.c.id != bindparam("id"))
)
_TRACES_OF_GUEST = select(
    select(booking_facts.c.booking_id).where(booking_facts.c.contact_email == bindparam("email")).exists()
    | select(contact_messages.c.id).where(contact_messages.c.email == bindparam("email")).exists()
)


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The account `account_id`, or whoever has `email`, guests too. With `dry_run` only what would happen is told.

    `requested_by` the person (`customer`), a staff member (`staff_id`) or an operator at the command line.
    """

    account_id: UUID | None = None
    email: str = ""
    requested_by: Literal["customer", "staff", "operator"] = "customer"
    staff_id: UUID | None = None
    ip_address: str = ""
    user_agent: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done, or would be: rows per table, and what stays with the reason."""

    id: UUID
    kind: Kind
    erased_at: datetime
    erased: dict[str, int]
    kept: dict[str, str]


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> Erasure:
    """Raises `OpenBookings`, `LastAdmin`, `CustomerNotFound` (by id) or `NobodyToErase` (by e-mail address)."""
    account = await _account(command, uow)
    kind: Kind = account.kind if account is not None else "guest"
    person = _person(command, account)
    await _refuse_if_needed(person, account, uow)
    if command.dry_run:
        return Erasure(person.id, kind, uow.now, await would_forget(uow, person) | _account_rows(account), KEPT)
    erased = await forget(uow, person) | _account_rows(account)
    if scrubbed := await scrub_messages(uow, [person.id], _words(person, account)):
        erased["messages"] = scrubbed
    done = Erasure(person.id, kind, uow.now, erased, KEPT)
    await _record(done, person, command, uow)
    await _tell(done, person, account, uow)
    return done


async def _account(command: ErasePerson, uow: UnitOfWork) -> Row[Any] | None:
    if command.account_id is not None:
        account = await uow.fetch_one(_BY_ID, {"id": command.account_id})
        if account is None or account.kind != "customer":
            raise CustomerNotFound()
        return account
    account = await uow.fetch_one(_BY_EMAIL, {"email": command.email})
    if account is None and not await uow.scalar(_TRACES_OF_GUEST, {"email": command.email}):
        raise NobodyToErase(command.email)
    return account


def _person(command: ErasePerson, account: Row[Any] | None) -> Person:
    if account is None:
        return Person(new_id(), command.email, command.email)
    return Person(account.id, _known_email(command, account), account.email)


def _known_email(command: ErasePerson, account: Row[Any]) -> str:
    """An address that nobody confirmed may be a stranger's, whose guest bookings must stay as they are."""
    unproven = account.kind == "customer" and account.email_verified_at is None
    return "" if unproven and command.requested_by == "customer" else str(account.email)


async def _refuse_if_needed(person: Person, account: Row[Any] | None, uow: UnitOfWork) -> None:
    mine = booking_facts.c.customer_id == person.id
    if person.email:
        mine = or_(mine, booking_facts.c.contact_email == person.email)
    ahead = select(booking_facts.c.booking_number).where(mine, booking_facts.c.status.in_(OPEN_STATUSES))
    if numbers := await uow.fetch_all(ahead.order_by(booking_facts.c.booking_number).limit(MOST_NAMED)):
        raise OpenBookings(booking_numbers=[row.booking_number for row in numbers])
    if account is not None and account.role == "admin" and not await uow.scalar(_OTHER_ADMINS, {"id": account.id}):
        raise LastAdmin()


def _account_rows(account: Row[Any] | None) -> dict[str, int]:
    return {"accounts": 1} if account is not None else {}


def _words(person: Person, account: Row[Any] | None) -> list[str]:
    if account is None or not person.email:
        return [person.email]
    return [person.email, account.phone, f"{account.first_name} {account.last_name}"]


async def _record(done: Erasure, person: Person, command: ErasePerson, uow: UnitOfWork) -> None:
    await uow.execute(
        insert(erasures),
        {
            "id": done.id,
            "kind": done.kind,
            "email_sha256": fingerprint(person.email) if person.email else "",
            "requested_by": command.requested_by,
            "staff_id": command.staff_id,
            "erased_at": done.erased_at,
        },
    )
    report = {"erasure_id": done.id, "service": "customers", "erased": done.erased, "kept": done.kept}
    await uow.execute(insert(erasure_reports), {**report, "reported_at": done.erased_at})
    if command.staff_id is not None:
        await append_audit(uow, _audited(done, command, command.staff_id))


def _audited(done: Erasure, command: ErasePerson, staff_id: UUID) -> AuditRecorded:
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=staff_id,
        action_type="customer_updated",
        description="Customer erased",
        customer_id=done.id,
        ip_address=command.ip_address,
        user_agent=command.user_agent,
        happened_at=done.erased_at,
    )


async def _tell(done: Erasure, person: Person, account: Row[Any] | None, uow: UnitOfWork) -> None:
    version = 1
    if account is not None:
        empty = {"account": account.id, "nobody": f"erased-{account.id.hex}", "now": uow.now}
        changed = await uow.fetch_one(_EMPTY, empty)
        assert changed is not None
        version = changed.version
        await end_sessions(uow, account.id, version, changed.access_version, "erased")
    if done.kind == "staff":
        await uow.execute(_LET_GO, {"account": person.id})
        member = await uow.fetch_one(STAFF_BY_ID, {"id": person.id})
        assert member is not None
        uow.record(StaffUpdated(staff=staff_state(member).model_copy(update={"email": ""})), version)
    sha256 = fingerprint(person.email) if person.email else ""
    uow.record(CustomerErased(customer_id=done.id, email_sha256=sha256, erased_at=done.erased_at), version)
