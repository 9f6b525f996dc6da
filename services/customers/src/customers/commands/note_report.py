"""A staff member takes a report or a list out of the system."""

from dataclasses import dataclass

from shared.db.unit_of_work import UnitOfWork

from customers.adapters.repository import append_audit, customer_entry
from customers.commands.view_customer import Office


@dataclass(frozen=True, slots=True)
class NoteReport:
    """What is taken, in a few words without anybody's name."""

    office: Office
    description: str


async def note_report(command: NoteReport, uow: UnitOfWork) -> None:
    """In the audit log before the first row goes out."""
    office = command.office
    entry = customer_entry(uow, office.staff_id, "report_generated", command.description, None, **office.client)
    await append_audit(uow, entry)
