"""Bookings for staff."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from shared.audit import member_of
from shared.commands import Commands
from shared.contracts.base import BookingStatus
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Body, example
from shared.http.identity import Caller

from booking.api.fields import Instructions, Notes, Reason, Version
from booking.api.presenting import updated_document
from booking.api.staff_file import file_document
from booking.api.staff_models import BookingFileAnswer, UpdatedAnswer
from booking.commands.update_booking import UpdateBooking
from booking.commands.update_desk import UpdateDesk
from booking.commands.view_booking import ViewBooking
from booking.queries.extras import BookingExtras


class BookingChange(
    Body, json_schema_extra=example({"version": 3, "status": "cancelled", "reason": "The van broke down."})
):
    """What staff change; `version` is the one they saw. A field that is left out stays as it is."""

    version: Version
    status: BookingStatus | None = None
    reason: Reason = ""
    special_instructions: Instructions | None = None
    internal_notes: Notes | None = None

    def texts(self) -> dict[str, str]:
        """The texts that are to change."""
        names: tuple[Literal["special_instructions", "internal_notes"], ...] = (
            "special_instructions",
            "internal_notes",
        )
        return {name: text for name in names if (text := getattr(self, name)) is not None}


def staff_routes(commands: Commands, desk: UpdateDesk, extras: BookingExtras) -> APIRouter:
    """File and change of any booking."""
    router = APIRouter(prefix="/api/staff/bookings", tags=["Staff: bookings"])

    @router.get("/{booking_id}/", response_model=BookingFileAnswer, summary="All about a booking")
    async def view_booking(booking_id: UUID, caller: Caller = access.staff("view_bookings")) -> Response:
        """The booking with its customer, prices, payments, messages and history. That it was viewed is recorded."""
        file = file_document(await commands.execute(ViewBooking(booking_id, member_of(caller))))
        return answer({**file, **await extras.for_staff(booking_id)})

    @router.put("/{booking_id}/", response_model=UpdatedAnswer, summary="Change a booking")
    async def change_booking(
        booking_id: UUID, body: BookingChange, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """Its status (with a reason when it is cancelled) and its texts; 409 if somebody was faster."""
        command = UpdateBooking(booking_id, member_of(caller), body.version, body.status, body.reason, body.texts())
        return answer(updated_document(await desk.change(command)))

    return router
