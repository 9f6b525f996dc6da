"""A customer's dashboard, the export of all their data, and the end of their account."""

from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from shared.clock import Clock, business_date
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Body, example
from shared.http.identity import Caller
from sqlalchemy import Row

from customers.adapters.elsewhere import Elsewhere
from customers.api import people_answers, presenting_people, schemas
from customers.authentication import Authentication
from customers.commands.erase_person import ErasePerson
from customers.domain.errors import CustomerNotFound
from customers.queries.accounts import customer_row
from customers.queries.addresses import addresses_of
from customers.queries.own_data import all_about, recent_and_upcoming

TAGS: list[str | Enum] = ["Customer profile"]


class ErasureRequest(Body, json_schema_extra=example({"password": "correct horse battery"})):
    """The password once more."""

    password: schemas.Password


def routes(
    database: Database,
    commands: Commands,
    authentication: Authentication,
    elsewhere: Elsewhere,
    clock: Clock,
    zone: ZoneInfo,
) -> APIRouter:
    """The router; `zone` is the business time zone, which tells what day it is."""
    router = APIRouter(prefix="/api/customers", tags=TAGS)
    _add_reads(router, database, elsewhere, clock, zone)

    @router.post(
        "/erase/", response_model=people_answers.Erased, operation_id="erase_myself", summary="Erase my account"
    )
    async def erase(body: ErasureRequest, caller: Caller = access.customer()) -> dict[str, Any]:
        """Erase the person in every part; bookings and payments stay without it. All sessions end.

        Bookings that are ahead are cancelled, and what their terms give back is refunded (`cancelled_bookings`; show
        the customer their upcoming bookings before). 409 `move_under_way` while the crew is carrying one out. Guest
        bookings made with the address are erased with it if the address is confirmed. 400 `invalid_credentials`.
        """
        account = await authentication.prove_own(caller, body.password)
        erasure = await commands.execute(ErasePerson(account.account_id))
        message = "Your data is erased. Receipts are kept as the law asks, without more than it asks."
        return presenting_people.erased(erasure, message)

    return router


def _add_reads(router: APIRouter, database: Database, elsewhere: Elsewhere, clock: Clock, zone: ZoneInfo) -> None:
    @router.get(
        "/dashboard/", response_model=people_answers.Dashboard, operation_id="get_dashboard", summary="My dashboard"
    )
    async def dashboard(caller: Caller = access.customer()) -> dict[str, Any]:
        """The latest bookings, the next moves, preferences, and what to do next."""
        row = await _own(database, caller)
        recent, upcoming = await recent_and_upcoming(database, row.id, business_date(clock(), zone))
        return presenting_people.dashboard(row, recent, upcoming)

    @router.get("/export/", response_model=people_answers.Export, operation_id="export_my_data", summary="All my data")
    async def export(caller: Caller = access.customer()) -> dict[str, Any]:
        """All that is known about the customer in every part, as JSON; 503 while one of them can't tell.

        Sessions are not part of it (see their list), nor the contents of files, which are with the bookings.
        """
        row = await _own(database, caller)
        moved = await elsewhere.about(row.id)
        about = await all_about(database, row.id, row.email if row.email_verified_at else "")
        return presenting_people.export(row, await addresses_of(database, row.id), about, moved, clock())


async def _own(database: Database, caller: Caller) -> Row[Any]:
    row = await customer_row(database, caller.require_customer())
    if row is None or row.erased_at is not None:
        raise CustomerNotFound()
    return row
