"""Staff's customers: search, one customer with all there is, changes, notes, erasure."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from pydantic import StringConstraints
from shared.audit import member_of
from shared.clock import day_begins, day_ends
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.csv import AS_CSV_TOO, csv_answer
from shared.http.fields import Body, Day, Flag, Text, example
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.api import answers, people_answers, presenting_people, presenting_staff, schemas
from customers.commands.change_customer import AddNote, ChangeCustomer
from customers.commands.erase_person import ErasePerson
from customers.commands.note_report import NoteReport
from customers.commands.view_customer import ViewCustomer
from customers.queries.customers import CustomerFilter, Ordering, customers_page, every_customer
from customers.queries.erasures import progress_of

TAGS: list[str | Enum] = ["Staff: customers"]
Search = Annotated[Text, Query(max_length=100)]
_PERSON = {"first_name", "last_name", "phone"}


class CustomerChange(schemas.ProfileChange, json_schema_extra=example({"is_vip": True, "version": 4})):
    """What is given changes, the rest stays. `is_vip` is the mark by hand, `version` the one that was seen."""

    is_vip: Flag | None = None


class NewNote(Body, json_schema_extra=example({"notes": "Prefers to be called after six."})):
    """One more note about the customer, for staff alone."""

    notes: Annotated[Text, StringConstraints(min_length=1, max_length=5000)]


def routes(database: Database, commands: Commands, zone: ZoneInfo) -> APIRouter:
    """The router; `zone` is the business time zone, which dates in filters are of."""
    router = APIRouter(prefix="/api/staff/customers", tags=TAGS)
    _add_list(router, database, commands, zone)
    _add_erasure(router, database, commands)
    _add_file(router, commands)
    return router


def _filter_of(zone: ZoneInfo) -> Callable[..., Awaitable[CustomerFilter]]:
    async def wanted_customers(
        search: Search = "",
        is_vip: bool | None = None,
        total_bookings_min: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
        registration_date_from: Annotated[Day | None, Query()] = None,
        registration_date_to: Annotated[Day | None, Query()] = None,
    ) -> CustomerFilter:
        return CustomerFilter(
            search=search.strip() or None,
            is_vip=is_vip,
            total_bookings_min=total_bookings_min,
            registered_since=day_begins(registration_date_from, zone) if registration_date_from else None,
            registered_until=day_ends(registration_date_to, zone) if registration_date_to else None,
        )

    return wanted_customers


def _add_list(router: APIRouter, database: Database, commands: Commands, zone: ZoneInfo) -> None:
    @router.get(
        "/",
        response_model=answers.CustomerPage,
        operation_id="list_customers",
        summary="All customers",
        responses=AS_CSV_TOO,
    )
    async def list_customers(
        request: Request,
        wanted: CustomerFilter = Depends(_filter_of(zone)),
        ordering: Ordering = "-created_at",
        format: Literal["json", "csv"] = "json",
        page: Page = Depends(wanted_page),
        caller: Caller = access.staff("view_customers"),
    ) -> Any:
        """Customers, newest first unless `ordering` says otherwise; `format=csv` gives all of them (view_reports).

        `search`: beginnings of words of a name, an e-mail address or a phone, or a booking number.
        """
        if format == "csv":
            caller.require_staff("view_reports")
            await commands.execute(NoteReport(member_of(caller), "List of customers"))
            lines = (presenting_staff.customer_line(row) async for row in every_customer(database, wanted))
            return await csv_answer("customers.csv", presenting_staff.CUSTOMER_COLUMNS, lines)
        rows, count = await customers_page(database, wanted, page, ordering)
        return paged(request, page, [presenting_staff.listed_customer(row) for row in rows], count)


def _add_file(router: APIRouter, commands: Commands) -> None:
    @router.get(
        "/{id}/",
        response_model=people_answers.CustomerFile,
        operation_id="get_customer",
        summary="All about a customer",
    )
    async def show(id: UUID, caller: Caller = access.staff("view_customers")) -> dict[str, Any]:
        """One customer with bookings, payments, notes and what happened. The look is in the audit log."""
        return presenting_staff.customer_file(await commands.execute(ViewCustomer(id, member_of(caller))))

    @router.put(
        "/{id}/",
        response_model=people_answers.UpdatedCustomer,
        operation_id="update_customer",
        summary="Change a customer",
    )
    async def change(
        id: UUID, body: CustomerChange, caller: Caller = access.staff("manage_customers")
    ) -> dict[str, Any]:
        """Change what is given. 409: `stale_version` if someone was faster, `vip_not_reached` before 5 bookings or
        $1,000, `vip_by_bookings` when the mark is not by hand."""
        given = body.model_dump(exclude_none=True, exclude={"version", "is_vip"})
        preferences = {**given.pop("notification_preferences", {})}
        preferences |= {name: given[name] for name in given.keys() - _PERSON}
        person = {name: given[name] for name in given.keys() & _PERSON}
        command = ChangeCustomer(id, member_of(caller), body.version, person, preferences, body.is_vip)
        return {"updated_customer": presenting_staff.customer_file(await commands.execute(command))}

    @router.put(
        "/{id}/notes/",
        response_model=people_answers.UpdatedCustomer,
        operation_id="add_customer_note",
        summary="Note something about a customer",
    )
    async def note(id: UUID, body: NewNote, caller: Caller = access.staff("edit_customer_notes")) -> dict[str, Any]:
        """Add a note; earlier ones stay as they are."""
        file = await commands.execute(AddNote(id, member_of(caller), body.notes))
        return {"updated_customer": presenting_staff.customer_file(file)}


def _add_erasure(router: APIRouter, database: Database, commands: Commands) -> None:
    @router.post(
        "/{id}/erase/", response_model=people_answers.Erased, operation_id="erase_customer", summary="Erase a customer"
    )
    async def erase(id: UUID, caller: Caller = access.staff("manage_customers")) -> dict[str, Any]:
        """Erase the person in every part, on their request. 409 `move_under_way` while the crew is carrying out a move.

        Bookings that are ahead are cancelled and refunded by their terms (`cancelled_bookings`). What guests left with
        the address is erased with it if the address is confirmed.
        """
        command = ErasePerson(
            id, requested_by="staff", staff_id=caller.require_staff(), ip_address=caller.ip, user_agent=caller.ua
        )
        erasure = await commands.execute(command)
        return presenting_people.erased(erasure, "Customer erased.")

    @router.get(
        "/erasures/{id}/",
        response_model=people_answers.ErasureProgress,
        operation_id="get_erasure",
        summary="How far an erasure has come",
    )
    async def progress(id: UUID, _: Caller = access.staff("manage_customers")) -> dict[str, Any]:
        """What each service erased and what it keeps, with the reason; `id` is that of the customer."""
        found = await progress_of(database, id)
        if found is None:
            raise NotFound("Nobody with this id was erased.")
        return presenting_people.erasure(found)
