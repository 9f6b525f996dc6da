"""What this service does when others tell something: contract → the command that it becomes."""

from collections.abc import Callable
from typing import Any

from shared.contracts.base import Event
from shared.contracts.booking import AlertRaised
from shared.contracts.catalog import CatalogPublished
from shared.contracts.payments import (
    PaymentCancelled,
    PaymentCreated,
    PaymentFailed,
    PaymentProcessing,
    PaymentSucceeded,
    RefundCreated,
    RefundFailed,
    RefundSucceeded,
)

from booking.commands.alerts import KeepAlert
from booking.commands.copy_payments import CopyPayment, CopyRefund
from booking.commands.store_catalog import StoreCatalog
from booking.commands.take_payment import TakePayment

EVENT_HANDLERS: dict[type[Event], Callable[[Any], Any]] = {
    CatalogPublished: lambda event: StoreCatalog(event.catalog),
    PaymentCreated: lambda event: CopyPayment(event.payment),
    PaymentProcessing: lambda event: CopyPayment(event.payment),
    PaymentSucceeded: lambda event: TakePayment(event.payment),
    PaymentFailed: lambda event: CopyPayment(event.payment),
    PaymentCancelled: lambda event: CopyPayment(event.payment),
    RefundCreated: lambda event: CopyRefund(event.refund, event.payment),
    RefundSucceeded: lambda event: CopyRefund(event.refund, event.payment),
    RefundFailed: lambda event: CopyRefund(event.refund, event.payment),
    AlertRaised: lambda event: KeepAlert(event),
}
