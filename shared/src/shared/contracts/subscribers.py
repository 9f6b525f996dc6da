"""Who listens to what: every service's queue is bound to these events, in one place.

A publisher uses it too: an event that somebody listens to must reach a queue, and one that nobody listens to need not.
Each service's handlers are held to its row by a test.
"""

from shared.contracts import booking, catalog, customers, notifications, payments
from shared.contracts.base import Event

BOOKING_CHANGES: tuple[type[Event], ...] = (
    booking.BookingCreated,
    booking.BookingConfirmed,
    booking.BookingPaid,
    booking.BookingStarted,
    booking.BookingCompleted,
    booking.BookingCancelled,
    booking.BookingExpired,
    booking.BookingUpdated,
)

PAYMENT_CHANGES: tuple[type[Event], ...] = (
    payments.PaymentCreated,
    payments.PaymentProcessing,
    payments.PaymentSucceeded,
    payments.PaymentFailed,
    payments.PaymentCancelled,
)

REFUND_CHANGES: tuple[type[Event], ...] = (
    payments.RefundCreated,
    payments.RefundSucceeded,
    payments.RefundFailed,
)

CUSTOMER_CHANGES: tuple[type[Event], ...] = (customers.CustomerRegistered, customers.CustomerUpdated)

SUBSCRIBERS: dict[str, tuple[type[Event], ...]] = {
    "catalog": (booking.DiscountRedeemed, booking.DiscountReleased),
    "booking": (
        catalog.CatalogPublished,
        catalog.DiscountCodeChanged,
        *PAYMENT_CHANGES,
        *REFUND_CHANGES,
        payments.DisputeOpened,
        payments.DisputeClosed,
        booking.AlertRaised,
        booking.AlertCleared,
        *CUSTOMER_CHANGES,
        customers.CustomerVerified,
        customers.CustomerErased,
        notifications.MessageSent,
        notifications.MessageFailed,
    ),
    "payments": (*BOOKING_CHANGES, booking.BookingRescheduled, booking.RefundRequested, customers.CustomerErased),
    "customers": (
        *BOOKING_CHANGES,
        booking.BookingRescheduled,
        payments.PaymentSucceeded,
        payments.RefundSucceeded,
        payments.RefundFailed,
        customers.AccessChanged,
        customers.AuditRecorded,
        customers.ErasureReported,
        notifications.Unsubscribed,
    ),
    "notifications": (
        *BOOKING_CHANGES,
        booking.BookingOnTheWay,
        booking.BookingRescheduled,
        booking.BookingAssigned,
        booking.BookingRated,
        booking.PaymentLinkRequested,
        booking.AlertRaised,
        payments.PaymentFailed,
        payments.RefundSucceeded,
        payments.RefundFailed,
        payments.DisputeOpened,
        payments.DisputeClosed,
        payments.ReceiptIssued,
        *CUSTOMER_CHANGES,
        customers.CustomerVerified,
        customers.CustomerErased,
        customers.StaffInvited,
        customers.StaffUpdated,
        customers.VerificationRequested,
        customers.PasswordResetRequested,
        customers.ContactReceived,
    ),
}

HEARD: frozenset[str] = frozenset(event.type for events in SUBSCRIBERS.values() for event in events)
"""Types that at least one service listens to."""
