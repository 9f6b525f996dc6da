"""Where this service holds what is about a person, and how each place forgets it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import ColumnElement, Delete, Table, Update, delete, false, func, or_, select, update

from customers.adapters.people_tables import contact_messages, customer_notes
from customers.adapters.secret_tables import account_tokens, recovery_codes, reset_requests, second_factors
from customers.adapters.tables import address_uses, booking_facts, login_failures, saved_addresses
from customers.domain.forgetting import fingerprint

KEPT = {
    "accounts": "The empty row keeps its id from meaning somebody else.",
    "booking_facts": "Numbers, days and amounts of bookings are kept for the books, without the person.",
    "payment_facts": "Payments are kept for the books; they name nobody.",
    "refund_facts": "Refunds are kept for the books; they name nobody.",
    "staff_audit": "What staff did must stay provable: ids, and the network address and browser it was done from.",
}
"""What stays of every person, with the reason."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to forget. `email` is empty unless it is known to be theirs: then it also finds what a guest left.

    `login` is the address that they log in with, known to be theirs or not.
    """

    id: UUID
    email: str
    login: str


Where = Callable[[Person], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Trace:
    """The rows of a table that are about a person: deleted, or blank from then on."""

    table: Table
    where: Where
    blank: dict[str, Any] | None = None

    def change(self, person: Person) -> Delete | Update:
        """The statement that forgets."""
        if self.blank is None:
            return delete(self.table).where(self.where(person))
        return update(self.table).where(self.where(person)).values(**self.blank)


def _of(column: Any) -> Where:
    return lambda person: column == person.id


def _used_addresses(person: Person) -> ColumnElement[bool]:
    own = select(saved_addresses.c.id).where(saved_addresses.c.customer_id == person.id)
    return address_uses.c.address_id.in_(own)


def _by_email(column: Any, person: Person) -> ColumnElement[bool]:
    return column == person.email if person.email else false()


def _bookings(person: Person) -> ColumnElement[bool]:
    mine = or_(booking_facts.c.customer_id == person.id, _by_email(booking_facts.c.contact_email, person))
    return mine & (booking_facts.c.contact_email != "")


def _messages(person: Person) -> ColumnElement[bool]:
    return or_(contact_messages.c.customer_id == person.id, _by_email(contact_messages.c.email, person))


TRACES: tuple[Trace, ...] = (
    Trace(address_uses, _used_addresses),
    Trace(saved_addresses, _of(saved_addresses.c.customer_id)),
    Trace(customer_notes, _of(customer_notes.c.customer_id)),
    Trace(contact_messages, _messages),
    Trace(booking_facts, _bookings, {"contact_email": "", "contact_name": "", "contact_phone": ""}),
    Trace(account_tokens, _of(account_tokens.c.account_id)),
    Trace(recovery_codes, _of(recovery_codes.c.staff_id)),
    Trace(second_factors, _of(second_factors.c.staff_id)),
    Trace(login_failures, lambda person: login_failures.c.login_key == fingerprint(person.login)),
    Trace(reset_requests, lambda person: reset_requests.c.email == person.login),
)
"""In an order that foreign keys allow."""


async def forget(uow: UnitOfWork, person: Person) -> dict[str, int]:
    """Rows per table that were forgotten."""
    counts = {str(trace.table.name): (await uow.execute(trace.change(person))).rowcount for trace in TRACES}
    return {name: count for name, count in counts.items() if count}


async def would_forget(uow: UnitOfWork, person: Person) -> dict[str, int]:
    """Rows per table that `forget` would touch."""
    counts = {}
    for trace in TRACES:
        found = select(func.count()).select_from(trace.table).where(trace.where(person))
        counts[str(trace.table.name)] = int(await uow.scalar(found) or 0)
    return {name: count for name, count in counts.items() if count}
