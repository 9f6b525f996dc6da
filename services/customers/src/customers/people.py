"""The part of the service that is about people: what is known of customers and guests, and how it is forgotten."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter
from shared.clock import Clock
from shared.commands import Commands, Handler
from shared.db.engine import Database

from customers.adapters.elsewhere import Elsewhere
from customers.api import contact, crm, own_data, staff_customers
from customers.authentication import Authentication
from customers.commands.change_customer import AddNote, ChangeCustomer, add_note, change_customer
from customers.commands.contact_office import ContactOffice, MarkHandled, contact_office, mark_handled
from customers.commands.erase_person import ErasePerson, erase_person
from customers.commands.keep_erasure_report import KeepErasureReport, keep_erasure_report
from customers.commands.note_report import NoteReport, note_report
from customers.commands.repeat_erasure import RepeatErasure, repeat_erasure
from customers.commands.unsubscribe import Unsubscribe, unsubscribe
from customers.commands.view_customer import ViewCustomer, view_customer

PEOPLE_COMMANDS: dict[type, Handler] = {
    ViewCustomer: view_customer,
    ChangeCustomer: change_customer,
    AddNote: add_note,
    NoteReport: note_report,
    ErasePerson: erase_person,
    RepeatErasure: repeat_erasure,
    KeepErasureReport: keep_erasure_report,
    ContactOffice: contact_office,
    MarkHandled: mark_handled,
    Unsubscribe: unsubscribe,
}


def people_routers(
    database: Database,
    commands: Commands,
    authentication: Authentication,
    elsewhere: Elsewhere,
    clock: Clock,
    zone: ZoneInfo,
) -> list[APIRouter]:
    """Their routers; `zone` is the business time zone."""
    return [
        own_data.routes(database, commands, authentication, elsewhere, clock, zone),
        contact.routes(database, commands),
        staff_customers.routes(database, commands, zone),
        crm.routes(database, commands, clock, zone),
    ]
