"""Things that tests need, with sensible values."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from customers.adapters.tables import staff
from customers.commands.create_staff_account import CreateStaffAccount
from httpx import Response
from shared.contracts.booking_state import Address, BookingState, Contact, PriceLines
from shared.contracts.customers import AuditRecorded, PasswordResetRequested
from shared.contracts.payments import PaymentState, PaymentSucceeded, RefundFailed, RefundState, RefundSucceeded
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import RunningService
from sqlalchemy import update

PASSWORD = "seven blue whales"
BOOKED_AT = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


def a_registration(**values: Any) -> dict[str, Any]:
    """The body of a registration."""
    defaults = {
        "email": "ada@example.com",
        "password": PASSWORD,
        "first_name": "Ada",
        "last_name": "Byron",
        "phone": "(212) 555-0123",
    }
    return {**defaults, **values}


async def post(service: RunningService, path: str, body: Any, caller: Any = None) -> Response:
    """A POST, from an anonymous caller unless told otherwise."""
    async with service.as_caller(*([caller] if caller else [])) as client:
        return await client.post(path, json=body)


async def register(service: RunningService, **values: Any) -> UUID:
    """Registers a customer; returns the id."""
    answer = await post(service, "/api/customers/auth/register/", a_registration(**values))
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["user"]["id"])


async def log_in(service: RunningService, email: str, password: str = PASSWORD, who: str = "customers") -> Response:
    """Tries to log in as a customer, or at the door of the staff."""
    return await post(service, f"/api/{who}/auth/login/", {"email": email, "password": password})


CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


async def hire(
    service: RunningService, email: str, role: Any, permissions: dict[str, bool] | None = None, **values: Any
) -> UUID:
    """A staff member whose password is PASSWORD."""
    command = CreateStaffAccount(email, CHEAP.hash(PASSWORD), role, "Sam", "Porter", **values)
    staff_id: UUID = await service.commands.execute(command)
    if permissions:
        async with service.database.transaction() as connection:
            await connection.execute(update(staff).where(staff.c.id == staff_id).values(permissions=permissions))
    return staff_id


def opened(sealed: str) -> str:
    """The token of a link, as notifications would read it."""
    return Sealer(DEVELOPMENT_SEALING_KEY).open(sealed)


async def reset_links(service: RunningService, email: str, who: str = "customers") -> list[PasswordResetRequested]:
    """Asks for a new password; all links that were sent so far."""
    answer = await post(service, f"/api/{who}/auth/password-reset/", {"email": email})
    assert answer.status_code == 200, answer.text
    await service.run_job("send-reset-links")
    return [event for event in await service.events() if isinstance(event, PasswordResetRequested)]


def an_address(**values: Any) -> Address:
    """A place."""
    defaults = {"address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}
    return Address.model_validate({**defaults, **values})


def a_booking(total_cents: int = 50_000, **values: Any) -> BookingState:
    """A booking at one version, pending and unpaid unless told otherwise."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "booking_number": "TT-20261101-0001",
        "version": 1,
        "status": "pending",
        "customer_id": None,
        "contact": Contact(first_name="Ada", last_name="Byron", email="ada@example.com", phone="+12125550123"),
        "service_type": "mini_move",
        "package_type": "petite",
        "pickup_date": date(2026, 12, 1),
        "pickup_time": "morning",
        "window_start": datetime(2026, 12, 1, 13, tzinfo=UTC),
        "window_end": datetime(2026, 12, 1, 16, tzinfo=UTC),
        "pickup_address": an_address(),
        "delivery_address": an_address(zip_code="11954", city="Montauk"),
        "prices": PriceLines(base_price_cents=total_cents, subtotal_cents=total_cents, total_price_cents=total_cents),
        "catalog_version": 1,
        "manage_token_sha256": "0" * 64,
        "created_at": BOOKED_AT,
    }
    return BookingState.model_validate({**defaults, **values})


def changed(booking: BookingState, **values: Any) -> BookingState:
    """The booking at its next version."""
    return booking.model_copy(update={"version": booking.version + 1, **values})


def a_payment(booking: BookingState, cents: int) -> PaymentSucceeded:
    """An adjustment of a booking was paid."""
    payment = PaymentState(
        id=new_id(),
        version=2,
        booking_id=booking.id,
        booking_number=booking.booking_number,
        customer_id=booking.customer_id,
        purpose="adjustment:1",
        amount_cents=cents,
        captured_cents=cents,
        status="succeeded",
        created_at=BOOKED_AT,
    )
    return PaymentSucceeded(payment=payment)


def a_refund(
    booking: BookingState, payment_id: UUID, amount_cents: int, captured_cents: int | None = None
) -> RefundSucceeded:
    """Money that went back of a payment, that of the booking's price unless `captured_cents` says otherwise."""
    captured = booking.total_cents if captured_cents is None else captured_cents
    number, now = booking.booking_number, BOOKED_AT + timedelta(days=1)
    of_booking: dict[str, Any] = {"booking_id": booking.id, "booking_number": number, "created_at": now}
    refund = RefundState(
        id=new_id(),
        version=2,
        payment_id=payment_id,
        amount_cents=amount_cents,
        status="succeeded",
        reason="cancelled",
        requested_by="booking",
        processed_at=now,
        **of_booking,
    )
    payment = PaymentState(
        id=payment_id,
        version=3,
        customer_id=booking.customer_id,
        purpose="booking",
        amount_cents=captured,
        captured_cents=captured,
        status="partially_refunded",
        **of_booking,
    )
    return RefundSucceeded(refund=refund, payment=payment)


def failed(went: RefundSucceeded) -> RefundFailed:
    """The money of a refund came back after all."""
    refund = went.refund.model_copy(update={"version": went.refund.version + 1, "status": "failed"})
    return RefundFailed(refund=refund, payment=went.payment)


def an_audit_entry(**values: Any) -> AuditRecorded:
    """Something that a staff member did."""
    defaults: dict[str, Any] = {
        "entry_id": new_id(),
        "staff_id": new_id(),
        "action_type": "booking_updated",
        "description": "Status changed",
        "booking_id": new_id(),
        "ip_address": "203.0.113.8",
        "user_agent": "test",
        "happened_at": BOOKED_AT,
    }
    return AuditRecorded.model_validate({**defaults, **values})
