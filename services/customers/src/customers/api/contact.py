"""Messages to the office: the form, and the office's list."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import StringConstraints
from shared.audit import member_of
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.answers import answered_once
from shared.http.fields import Body, Email, Flag, Name, Phone, Text, example
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.api import people_answers, presenting_people
from customers.commands.contact_office import ContactOffice, MarkHandled
from customers.queries.contact_messages import messages_page


class ContactForm(
    Body,
    json_schema_extra=example(
        {"name": "Ada Byron", "email": "ada@example.com", "message": "Do you move grand pianos?"}
    ),
):
    """A message to the office."""

    name: Name
    email: Email
    phone: Phone | None = None
    subject: Annotated[Text, StringConstraints(max_length=200)] = ""
    message: Annotated[Text, StringConstraints(min_length=1, max_length=5000)]


class Handling(Body, json_schema_extra=example({"handled": True})):
    """Whether somebody took care of it."""

    handled: Flag


def routes(database: Database, commands: Commands) -> APIRouter:
    """The router."""
    router = APIRouter()

    @router.post(
        "/api/customers/contact/",
        status_code=201,
        response_model=people_answers.Contacted,
        operation_id="contact_office",
        summary="Write to the office",
        tags=["Contact"],
    )
    async def contact(body: ContactForm, key: OptionalKey, caller: Caller = access.anyone()) -> Response:
        """A message to the office, from anybody."""
        customer_id = caller.id if caller.kind == "customer" else None
        command = ContactOffice(customer_id, body.name, body.email, body.phone or "", body.subject, body.message, key)

        async def work() -> dict[str, Any]:
            return {"message": "Thank you. We will be in touch.", "contact_id": await commands.execute(command)}

        return await answered_once(database, key, work, 201)

    _add_office(router, database, commands)
    return router


def _add_office(router: APIRouter, database: Database, commands: Commands) -> None:
    @router.get(
        "/api/staff/contact-messages/",
        response_model=people_answers.OfficeMessagePage,
        operation_id="list_contact_messages",
        summary="Messages to the office",
        tags=["Staff: customers"],
    )
    async def list_messages(
        request: Request,
        handled: bool | None = None,
        page: Page = Depends(wanted_page),
        _: Caller = access.staff("view_customers"),
    ) -> dict[str, Any]:
        """Newest first; `handled` shows only those that are, or are not, taken care of."""
        rows, count = await messages_page(database, handled, page)
        return paged(request, page, [presenting_people.office_message(row) for row in rows], count)

    @router.put(
        "/api/staff/contact-messages/{id}/",
        response_model=people_answers.HandledMessage,
        operation_id="handle_contact_message",
        summary="Mark a message as handled",
        tags=["Staff: customers"],
    )
    async def handle(id: UUID, body: Handling, caller: Caller = access.staff("edit_customer_notes")) -> dict[str, Any]:
        """Mark it as taken care of, or as open again. Twice is as good as once."""
        row = await commands.execute(MarkHandled(id, body.handled, member_of(caller)))
        return {"updated_message": presenting_people.office_message(row)}
