"""Notifications under test, on a database and a mailbox of their own."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from notifications import service as composition
from notifications.sending.samples import BOOKING
from notifications.sending.sender import Sender
from notifications.service import SERVICE
from shared.contracts.booking_state import BookingState
from shared.contracts.customers import CustomerState
from shared.contracts.payments import PaymentState, RefundState
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running

NOON = datetime(2026, 6, 1, 16, tzinfo=UTC)
PATIENCE = 120.0
"""Seconds; in place of limits that a slow machine reaches."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """What a slow machine may take for what shall succeed; a message is not given up before."""
    monkeypatch.setattr(composition, "HAND_OVER_SECONDS", PATIENCE)
    return PATIENCE


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mailbox"


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, clock: MovableClock, folder: Path, tmp_path: Path
) -> AsyncIterator[RunningService]:
    files = {"mailbox_dir": folder, "documents_dir": tmp_path / "documents"}
    async with running(SERVICE, database_factory, clock=clock, **files) as started:
        yield started


@pytest.fixture
def sender(service: RunningService) -> Sender:
    (loop,) = service.parts.loops
    assert isinstance(loop, Sender)
    return loop


@pytest.fixture
def mails(folder: Path) -> Callable[[], list[EmailMessage]]:
    """What lies in the mailbox, in the order of the messages' ids."""

    def read() -> list[EmailMessage]:
        files = sorted(folder.glob("*.eml"))
        return [BytesParser(policy=policy.default).parsebytes(file.read_bytes()) for file in files]  # type: ignore[misc]

    return read


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port on which nobody listens, and which nobody else is given meanwhile."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def a_booking() -> Callable[..., BookingState]:
    """A booking whose manage token is `token-of-ada`."""

    def make(**values: Any) -> BookingState:
        sealed = Sealer(DEVELOPMENT_SEALING_KEY).seal("token-of-ada")
        return BOOKING.model_copy(update={"id": new_id(), "manage_token_sealed": sealed, **values})

    return make


@pytest.fixture
def a_customer_state() -> Callable[..., CustomerState]:
    def make(**values: Any) -> CustomerState:
        defaults: dict[str, Any] = {
            "id": new_id(), "version": 1, "email": "ada@example.com", "first_name": "Ada", "last_name": "Byron",
            "phone": "+12125550123", "created_at": NOON,
        }  # fmt: skip
        return CustomerState(**{**defaults, **values})

    return make


@pytest.fixture
def a_payment() -> Callable[..., PaymentState]:
    def make(booking: BookingState, **values: Any) -> PaymentState:
        defaults: dict[str, Any] = {
            "id": new_id(), "version": 2, "booking_id": booking.id, "booking_number": booking.booking_number,
            "customer_id": booking.customer_id, "purpose": "booking", "amount_cents": booking.total_cents,
            "status": "pending", "created_at": NOON,
        }  # fmt: skip
        return PaymentState(**{**defaults, **values})

    return make


@pytest.fixture
def a_refund() -> Callable[..., RefundState]:
    def make(payment: PaymentState, **values: Any) -> RefundState:
        defaults: dict[str, Any] = {
            "id": new_id(), "version": 2, "payment_id": payment.id, "booking_id": payment.booking_id,
            "booking_number": payment.booking_number, "amount_cents": payment.amount_cents, "status": "succeeded",
            "reason": "cancelled", "requested_by": "booking", "created_at": NOON,
        }  # fmt: skip
        return RefundState(**{**defaults, **values})

    return make
