"""Messages and suppressed addresses for staff."""

from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answered_once
from shared.http.fields import Text
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from notifications.api.schemas import (
    Channel,
    Lifted,
    MessageDetail,
    MessagesAnswer,
    NewSuppression,
    Status,
    Suppressed,
    SuppressionsAnswer,
)
from notifications.commands.resend_message import ResendMessage
from notifications.commands.suppress_address import LiftSuppression, SuppressAddress
from notifications.domain.kinds import Kind
from notifications.queries.list_messages import Filters, list_messages, message_with_deliveries
from notifications.queries.list_suppressions import list_suppressions

PREFIX = "/api/staff/notifications"
TAGS: list[str | Enum] = ["Staff: notifications"]


def message_routes(commands: Commands, database: Database) -> APIRouter:
    """What was sent to whom, and sending it once more."""
    router = APIRouter(prefix=PREFIX, tags=TAGS)
    _add_reads(router, database)

    @router.post(
        "/{message_id}/resend/",
        response_model=MessageDetail,
        status_code=201,
        operation_id="resend_notification",
        summary="Send a message once more",
    )
    async def resend(message_id: UUID, key: OptionalKey, caller: Caller = access.staff("manage_bookings")) -> Response:
        """Makes a new message that is linked to the first; it goes to the recipient's address of today."""

        async def work() -> dict[str, Any]:
            found = await _found(database, await commands.execute(ResendMessage(message_id, caller, key)))
            return MessageDetail.model_validate(found).model_dump(mode="json")

        return await answered_once(database, key, work, 201, not_kept=("recipient",))

    return router


def _add_reads(router: APIRouter, database: Database) -> None:
    @router.get("/", response_model=MessagesAnswer, operation_id="list_notifications", summary="Messages, newest first")
    async def messages(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        status: Annotated[Status | None, Query()] = None,
        recipient: Annotated[Text | None, Query(max_length=254)] = None,
        booking: Annotated[Text | None, Query(max_length=40, examples=["TT-20260601-0042"])] = None,
        booking_id: Annotated[UUID | None, Query()] = None,
        customer_id: Annotated[UUID | None, Query()] = None,
        kind: Annotated[Kind | None, Query()] = None,
        channel: Annotated[Channel | None, Query()] = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> dict[str, Any]:
        """`booking` is a booking's number, or its id."""
        filters = Filters(status, recipient, booking_id, customer_id, kind, channel, booking)
        results, count = await list_messages(database, filters, page)
        return paged(request, page, results, count)

    @router.get(
        "/{message_id}/",
        response_model=MessageDetail,
        operation_id="get_notification",
        summary="A message with all attempts to send it",
    )
    async def message(message_id: UUID, caller: Caller = access.staff("view_bookings")) -> dict[str, Any]:
        return await _found(database, message_id)


async def _found(database: Database, message_id: UUID) -> dict[str, Any]:
    message = await message_with_deliveries(database, message_id)
    if message is None:
        raise NotFound()
    return message


def suppression_routes(commands: Commands, database: Database) -> APIRouter:
    """Addresses that messages are kept back from."""
    router = APIRouter(prefix=f"{PREFIX}/suppressions", tags=TAGS)

    @router.get(
        "/",
        response_model=SuppressionsAnswer,
        operation_id="list_suppressions",
        summary="Addresses that messages are kept back from, newest first",
    )
    async def suppressions(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        channel: Annotated[Channel | None, Query()] = None,
        address: Annotated[Text | None, Query(max_length=254)] = None,
        caller: Caller = access.staff("view_customers"),
    ) -> dict[str, Any]:
        results, count = await list_suppressions(database, channel, address, page)
        return paged(request, page, results, count)

    @router.post("/", status_code=201, operation_id="add_suppression", summary="Keep messages back from an address")
    async def add(body: NewSuppression, caller: Caller = access.staff("manage_bookings")) -> Suppressed:
        channel: Channel = "email" if body.email else "sms"
        command = SuppressAddress(channel, body.email or body.phone or "", body.note, caller)
        return Suppressed(id=await commands.execute(command))

    @router.delete(
        "/{suppression_id}/",
        operation_id="remove_suppression",
        summary="Let messages through to an address again",
    )
    async def remove(suppression_id: UUID, caller: Caller = access.staff("manage_bookings")) -> Lifted:
        await commands.execute(LiftSuppression(suppression_id, caller))
        return Lifted(message="Messages go to this address again.")

    return router
