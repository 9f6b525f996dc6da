"""What this service does when others tell something: contract → the command that it becomes."""

from collections.abc import Callable
from typing import Any

from shared.contracts.base import Event
from shared.contracts.booking import AlertCleared, AlertRaised
from shared.contracts.catalog import CatalogPublished, DiscountCodeChanged
from shared.contracts.customers import CustomerErased, CustomerRegistered, CustomerUpdated, CustomerVerified
from shared.contracts.notifications import MessageFailed, MessageSent
from shared.contracts.payments import (
    DisputeClosed,
    DisputeOpened,
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
from booking.commands.attach_bookings import AttachBookings
from booking.commands.clear_alert import HideAlert
from booking.commands.copy_discount_code import CopyDiscountCode
from booking.commands.copy_payments import CopyPayment, CopyRefund
from booking.commands.copy_people import CopyCustomer, CopyDispute, CopyMessage
from booking.commands.erase_customer import EraseCustomer
from booking.commands.store_catalog import StoreCatalog
from booking.commands.take_payment import TakePayment

EVENT_HANDLERS: dict[type[Event], Callable[[Any], Any]] = {
    CatalogPublished: lambda event: StoreCatalog(event.catalog),
    DiscountCodeChanged: lambda event: CopyDiscountCode(event.discount_code),
    PaymentCreated: lambda event: CopyPayment(event.payment),
    PaymentProcessing: lambda event: CopyPayment(event.payment),
    PaymentSucceeded: lambda event: TakePayment(event.payment),
    PaymentFailed: lambda event: CopyPayment(event.payment),
    PaymentCancelled: lambda event: CopyPayment(event.payment),
    RefundCreated: lambda event: CopyRefund(event.refund, event.payment),
    RefundSucceeded: lambda event: CopyRefund(event.refund, event.payment),
    RefundFailed: lambda event: CopyRefund(event.refund, event.payment),
    AlertRaised: lambda event: KeepAlert(event),
    AlertCleared: lambda event: HideAlert(event),
    CustomerRegistered: lambda event: CopyCustomer(event.customer),
    CustomerUpdated: lambda event: CopyCustomer(event.customer),
    CustomerVerified: lambda event: AttachBookings(event.customer),
    CustomerErased: lambda event: EraseCustomer(event),
    MessageSent: lambda event: CopyMessage(event.message),
    MessageFailed: lambda event: CopyMessage(event.message),
    DisputeOpened: lambda event: CopyDispute(event.dispute),
    DisputeClosed: lambda event: CopyDispute(event.dispute),
}
