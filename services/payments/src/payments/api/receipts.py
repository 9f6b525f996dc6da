"""Receipts, invoices and credit notes, for whoever paid and for staff."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Body, example
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.storage import attachment

from payments.api.keyed import Keyed
from payments.api.present import may_see
from payments.commands.audit_staff import AuditStaff
from payments.commands.issue_receipt import IssueInvoice
from payments.domain.errors import BookingNotFound
from payments.queries.payments import booking_by_id, booking_by_number, get_payment
from payments.queries.receipts import Receipts


class ReceiptAnswer(BaseModel):
    """A numbered document. `download_url` lasts five minutes, and is null for the moment until the PDF is there."""

    id: UUID
    number: str
    kind: Literal["receipt", "invoice", "credit_note", "credit_note_reversal"]
    booking_number: str
    payment_id: UUID | None
    refund_id: UUID | None
    amount_cents: int
    amount_dollars: float
    issued_at: datetime
    download_url: str | None


class ReceiptList(BaseModel):
    """The documents of a booking or a payment, newest first."""

    results: list[ReceiptAnswer]
    count: int
    next: str | None = None
    previous: str | None = None


class InvoiceRequest(Body, json_schema_extra=example({"booking_id": "01a20000-0000-7000-8000-000000000001"})):
    """For which booking; it must be confirmed or paid."""

    booking_id: UUID


def routes(commands: Commands, database: Database, receipts: Receipts) -> APIRouter:
    """The documents of bookings and payments."""
    router, shown, staff = APIRouter(), APIRouter(tags=["Receipts"]), APIRouter(tags=["Staff: payments"])
    _add_customers(shown, database, receipts)
    _add_files(shown, receipts)
    _add_staff(staff, commands, database, receipts)
    router.include_router(shown)
    router.include_router(staff)
    return router


def _add_customers(router: APIRouter, database: Database, receipts: Receipts) -> None:
    @router.get(
        "/api/payments/receipts/{booking_number}/",
        response_model=ReceiptList,
        operation_id="list_receipts",
        summary="Receipts of a booking",
    )
    async def of_booking(
        booking_number: str, token: Annotated[str, Query(max_length=200)] = "", caller: Caller = access.anyone()
    ) -> dict[str, Any]:
        """For the holder of the booking's manage token, its customer, or staff."""
        booking = await booking_by_number(database, booking_number)
        if not (may_see(caller, booking) or booking.holds(token)):
            raise BookingNotFound()
        return _listed(await receipts.of_booking(booking.id))

    @router.get(
        "/api/customers/bookings/{booking_id}/receipts/",
        response_model=ReceiptList,
        operation_id="list_own_receipts",
        summary="Receipts of one's own booking",
    )
    async def own(booking_id: UUID, caller: Caller = access.customer()) -> dict[str, Any]:
        """The receipts, invoices and credit notes of a booking of the customer's."""
        booking = await booking_by_id(database, booking_id)
        if booking.customer_id != caller.require_customer():
            raise BookingNotFound()
        return _listed(await receipts.of_booking(booking.id))


def _add_files(router: APIRouter, receipts: Receipts) -> None:
    @router.get(
        "/api/payments/files/",
        response_class=Response,
        operation_id="download_receipt",
        summary="Download a receipt",
        responses={
            200: {
                "description": "The PDF",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def download(
        key: Annotated[str, Query(max_length=200)],
        expires: Annotated[int, Query(ge=0, le=2**40)],
        filename: Annotated[str, Query(max_length=200)],
        signature: Annotated[str, Query(max_length=128)],
        caller: Caller = access.anyone(),
    ) -> Response:
        """What a `download_url` leads to while files are kept in a folder; a link that is over is 404."""
        content = await receipts.linked(key, expires, filename, signature)
        headers = {"Content-Disposition": attachment(filename), "Cache-Control": "private, no-store"}
        return Response(content, media_type="application/pdf", headers=headers)


def _add_staff(router: APIRouter, commands: Commands, database: Database, receipts: Receipts) -> None:
    @router.get(
        "/api/staff/payments/{payment_id}/receipts/",
        response_model=ReceiptList,
        operation_id="list_receipts_of_payment",
        summary="Receipts of a payment",
    )
    async def of_payment(payment_id: UUID, caller: Caller = access.staff("view_bookings")) -> dict[str, Any]:
        """The receipt and the credit notes of a payment."""
        payment = await get_payment(database, payment_id)
        text = f"Looked at the receipts of booking {payment.booking_number}."
        await commands.execute(AuditStaff(caller, "booking_viewed", text, payment.booking_id))
        return _listed(await receipts.of_payment(payment_id))

    @router.post(
        "/api/staff/payments/invoices/",
        status_code=201,
        response_model=ReceiptAnswer,
        operation_id="issue_invoice",
        summary="Issue an invoice",
    )
    async def issue_invoice(
        request: Request,
        wanted: InvoiceRequest,
        key: OptionalKey,
        caller: Caller = access.staff("manage_bookings"),
    ) -> Response:
        """The invoice of a confirmed or paid booking; the last one again if nothing has changed since."""

        async def work() -> dict[str, Any]:
            invoice = await commands.execute(IssueInvoice(wanted.booking_id, caller, key))
            return await receipts.one(invoice.id)

        async def link_again(answer: dict[str, Any]) -> str | None:
            link: str | None = (await receipts.one(UUID(answer["id"])))["download_url"]
            return link

        return await Keyed(database, request, key, status=201).answer(work, "download_url", link_again)


def _listed(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": found, "count": len(found), "next": None, "previous": None}
