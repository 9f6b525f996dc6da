"""Somebody is forgotten: here at once, in all other services by the event.

What is left of an account is its empty row, whose id bookings and the audit log may go on naming. The address is free
for a new account in the same moment.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import AuditRecorded, CustomerErased
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, bindparam, or_, select

from customers.adapters.audit_log import append_audit
from customers.adapters.people_tables import contact_messages
from customers.adapters.staff import lock_administrators, require_another_administrator
from customers.adapters.tables import accounts, booking_facts
from customers.adapters.traces import KEPT, Person, would_forget
from customers.commands.forget_account import (
    ACCOUNT_BY_ID,
    ACCOUNTS,
    Erasure,
    Kind,
    Requester,
    account_rows,
    empty_account,
    forget_here,
    note_erasure,
)
from customers.domain.errors import CustomerNotFound
from customers.domain.forgetting import OPEN_STATUSES, UNDER_WAY, MoveUnderWay, NobodyToErase, fingerprint

_BY_EMAIL = ACCOUNTS.where(accounts.c.email == bindparam("email"))
_TRACES_OF_GUEST = select(
    select(booking_facts.c.booking_id).where(booking_facts.c.contact_email == bindparam("email")).exists()
    | select(contact_messages.c.id).where(contact_messages.c.email == bindparam("email")).exists()
)


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The account `account_id`, or whoever has `email`, guests too. With `dry_run` only what would happen is told.

    `requested_by` the person (`customer`), a staff member (`staff_id`) or an operator at the command line.
    `even_unconfirmed`: an account's address counts as its owner's although it was never confirmed, so guest bookings
    with it are erased as well; for operators, who have made sure of it.
    """

    account_id: UUID | None = None
    email: str = ""
    requested_by: Requester = "customer"
    staff_id: UUID | None = None
    ip_address: str = ""
    user_agent: str = ""
    dry_run: bool = False
    even_unconfirmed: bool = False


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> Erasure:
    """Raises `MoveUnderWay`, `LastAdmin`, `CustomerNotFound` (by id) or `NobodyToErase` (by e-mail address)."""
    account = await _account(command, uow)
    kind: Kind = account.kind if account is not None else "guest"
    person = _person(command, account)
    cancelled = await _cancelled_with(person, uow)
    if account is not None and account.role == "admin":
        require_another_administrator(await lock_administrators(uow), account.id)
    if command.dry_run:
        would = await would_forget(uow, person) | account_rows(account)
        return Erasure(person.id, kind, "", uow.now, would, KEPT, cancelled)
    erased = await forget_here(person, account, uow)
    sha256 = fingerprint(person.email) if person.email else ""
    done = Erasure(person.id, kind, sha256, uow.now, erased, KEPT, cancelled)
    await note_erasure(done, command.requested_by, command.staff_id, uow)
    if command.staff_id is not None:
        await append_audit(uow, _audited(done, command, command.staff_id))
    version = await empty_account(done, account, uow) if account is not None else 1
    uow.record(CustomerErased(customer_id=done.id, email_sha256=sha256, erased_at=done.erased_at), version)
    return done


async def _account(command: ErasePerson, uow: UnitOfWork) -> Row[Any] | None:
    if command.account_id is not None:
        account = await uow.fetch_one(ACCOUNT_BY_ID, {"id": command.account_id})
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
    """An address that nobody confirmed may be a stranger's, whose guest bookings must stay as they are.

    That holds whoever asks: staff can't see either that somebody registered with another's address.
    """
    unproven = account.kind == "customer" and account.email_verified_at is None
    return "" if unproven and not command.even_unconfirmed else str(account.email)


async def _cancelled_with(person: Person, uow: UnitOfWork) -> list[str]:
    """The numbers of what booking will cancel when it hears of the erasure; raises `MoveUnderWay`."""
    mine = booking_facts.c.customer_id == person.id
    if person.email:
        mine = or_(mine, booking_facts.c.contact_email == person.email)
    facts = select(booking_facts.c.booking_number, booking_facts.c.status).order_by(booking_facts.c.booking_number)
    open_ones = await uow.fetch_all(facts.where(mine, booking_facts.c.status.in_(OPEN_STATUSES)))
    if under_way := [row.booking_number for row in open_ones if row.status == UNDER_WAY]:
        raise MoveUnderWay(booking_numbers=under_way)
    return [row.booking_number for row in open_ones]


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
