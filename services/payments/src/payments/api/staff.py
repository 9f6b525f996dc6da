"""What staff see and do about payments."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.clock import day_begins, day_ends
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Day, Text
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from payments.adapters.repository import payment_of
from payments.api.keyed import Keyed
from payments.api.present import payment_detail, payment_summary, refund_answer
from payments.api.schemas import (
    PaymentDetail,
    PaymentPage,
    PaymentStatusFilter,
    RefundAnswer,
    RefundPage,
    RefundRequest,
    RefundStatusFilter,
)
from payments.commands.audit_staff import AuditStaff
from payments.commands.request_refund import RequestRefund
from payments.queries.payments import (
    PaymentFilter,
    booking_by_id,
    find_payments,
    find_refunds,
    payment_file,
)


def routes(commands: Commands, database: Database, zone: ZoneInfo) -> APIRouter:
    """`/api/staff/payments/…`, `/api/staff/refunds/`."""
    router = APIRouter(prefix="/api/staff", tags=["Staff: payments"])
    _add_reads(router, commands, database, zone)
    _add_refunds(router, commands, database, zone)
    return router


def _add_reads(router: APIRouter, commands: Commands, database: Database, zone: ZoneInfo) -> None:
    wanted_payments = _filters(zone)

    @router.get("/payments/", response_model=PaymentPage, operation_id="list_payments", summary="List payments")
    async def list_payments(
        request: Request,
        filters: Annotated[PaymentFilter, Depends(wanted_payments)],
        page: Annotated[Page, Depends(wanted_page)],
        status: PaymentStatusFilter | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> dict[str, Any]:
        """Payments, newest first."""
        statuses = ("creating", "requires_payment") if status == "pending" else tuple(filter(None, (status,)))
        rows, count = await find_payments(database, replace(filters, statuses=statuses), page)
        return paged(request, page, [payment_summary(payment_of(row), row.email) for row in rows], count)

    @router.get(
        "/payments/{payment_id}/", response_model=PaymentDetail, operation_id="get_payment", summary="See a payment"
    )
    async def get_payment(payment_id: UUID, caller: Caller = access.staff("view_bookings")) -> dict[str, Any]:
        """A payment with its refunds, its audit trail and its ledger entries."""
        file = await payment_file(database, payment_id)
        booking = await booking_by_id(database, file.payment.booking_id)
        text = f"Looked at the payment of booking {booking.booking_number}."
        await commands.execute(AuditStaff(caller, "booking_viewed", text, booking.id))
        return payment_detail(file, booking.email)


def _add_refunds(router: APIRouter, commands: Commands, database: Database, zone: ZoneInfo) -> None:
    @router.post(
        "/payments/{payment_id}/refunds/",
        status_code=201,
        response_model=RefundAnswer,
        operation_id="refund_payment",
        summary="Refund a payment",
    )
    async def refund_payment(
        request: Request,
        payment_id: UUID,
        wanted: RefundRequest,
        key: OptionalKey,
        caller: Caller = access.staff("refund_payments"),
    ) -> Response:
        """Gives a part or (without an amount) the rest of the payment back; Stripe is asked for it right after."""

        async def work() -> dict[str, Any]:
            command = RequestRefund(payment_id, wanted.amount_cents, wanted.reason, caller, key)
            return refund_answer(await commands.execute(command))

        return await Keyed(database, request, key, status=201).answer(work)

    @router.get("/refunds/", response_model=RefundPage, operation_id="list_refunds", summary="List refunds")
    async def list_refunds(
        request: Request,
        filters: Annotated[PaymentFilter, Depends(_filters(zone))],
        page: Annotated[Page, Depends(wanted_page)],
        status: RefundStatusFilter | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> dict[str, Any]:
        """Refunds, newest first."""
        wanted = replace(filters, statuses=(status,) if status else ())
        refunds, count = await find_refunds(database, wanted, page)
        return paged(request, page, [refund_answer(refund) for refund in refunds], count)


def _filters(zone: ZoneInfo) -> Callable[..., Awaitable[PaymentFilter]]:
    async def filters(
        day: Annotated[Day | None, Query(alias="date")] = None,
        date_from: Annotated[Day | None, Query()] = None,
        date_to: Annotated[Day | None, Query()] = None,
        booking: Annotated[Text | None, Query(max_length=40)] = None,
        customer: Annotated[Text | None, Query(max_length=254)] = None,
    ) -> PaymentFilter:
        """`booking` is a booking's number or id, `customer` an account's id or an e-mail address, dates are business
        dates."""
        booking_id, customer_id = _uuid(booking), _uuid(customer)
        first, last = day or date_from, day or date_to
        return PaymentFilter(
            created_from=day_begins(first, zone) if first else None,
            created_before=day_ends(last, zone) if last else None,
            booking_number=None if booking_id else booking,
            booking_id=booking_id,
            customer_id=customer_id,
            email=None if customer_id else customer,
        )

    return filters


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
