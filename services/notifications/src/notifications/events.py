"""What each event means here."""

from shared.contracts.booking import AlertRaised
from shared.contracts.customers import (
    ContactReceived,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    CustomerUpdated,
    CustomerVerified,
    LinkRequested,
    PasswordResetRequested,
    StaffInvited,
    StaffUpdated,
    VerificationRequested,
)
from shared.contracts.payments import (
    DisputeClosed,
    DisputeEvent,
    DisputeOpened,
    PaymentFailed,
    ReceiptIssued,
    RefundFailed,
    RefundSucceeded,
)
from shared.messaging.consumer import EventHandlers

from notifications.booking_events import BOOKING_HANDLERS
from notifications.commands.erase_customer import EraseCustomer
from notifications.commands.keep_customer import KeepCustomer
from notifications.commands.keep_receipt import KeepReceipt
from notifications.commands.keep_staff import KeepStaff
from notifications.commands.warn_staff import WarnStaff
from notifications.commands.write_message import WriteMessage
from notifications.domain.kinds import Kind


def _payment_failed(event: PaymentFailed) -> WriteMessage:
    """One message however many cards are declined: the customer saw each refusal when trying."""
    payment = event.payment
    return WriteMessage(
        Kind.PAYMENT_FAILED,
        f"{payment.id}:{payment.status}",
        payment.booking_id,
        payment.customer_id,
        facts={"amount_cents": payment.amount_cents},
    )


def _refunded(event: RefundSucceeded) -> WriteMessage:
    refund = event.refund
    return WriteMessage(
        Kind.REFUND_DONE,
        str(refund.id),
        refund.booking_id,
        event.payment.customer_id,
        facts={"amount_cents": refund.amount_cents},
    )


def _refund_failed(event: RefundFailed) -> WriteMessage:
    refund = event.refund
    facts = {"amount_cents": refund.amount_cents, "reason": refund.failure_reason}
    return WriteMessage(Kind.STAFF_REFUND_FAILED, str(refund.id), refund.booking_id, facts=facts)


def _disputed(event: DisputeEvent) -> WriteMessage:
    dispute = event.dispute
    facts = {"amount_cents": dispute.amount_cents, "status": dispute.status, "reason": dispute.reason}
    return WriteMessage(Kind.STAFF_DISPUTE, f"{dispute.id}:{dispute.status}", dispute.booking_id, facts=facts)


def _registered(event: CustomerRegistered) -> KeepCustomer:
    customer = event.customer
    welcome = WriteMessage(Kind.WELCOME, str(customer.id), customer_id=customer.id, recipient=customer.email)
    return KeepCustomer(customer, [welcome])


def _customer_changed(event: CustomerEvent) -> KeepCustomer:
    return KeepCustomer(event.customer)


def _invited(event: StaffInvited) -> KeepStaff:
    staff, expires_at = event.staff, event.expires_at
    facts = {
        "account_kind": "staff",
        "first_name": staff.first_name,
        "role": staff.role,
        "token_sealed": event.token_sealed,
        "expires_at": expires_at.isoformat(),
    }
    invitation = WriteMessage(
        Kind.STAFF_INVITATION,
        f"{staff.id}:{expires_at.isoformat()}",
        recipient=staff.email,
        facts=facts,
        useful_until=expires_at,
    )
    return KeepStaff(staff, [invitation])


def _staff_changed(event: StaffUpdated) -> KeepStaff:
    return KeepStaff(event.staff)


def _verification(event: VerificationRequested) -> WriteMessage:
    return _link(Kind.VERIFY_EMAIL, event)


def _password_reset(event: PasswordResetRequested) -> WriteMessage:
    return _link(Kind.PASSWORD_RESET, event)


def _link(kind: Kind, event: LinkRequested) -> WriteMessage:
    facts = {
        "account_kind": event.account_kind,
        "first_name": event.first_name,
        "token_sealed": event.token_sealed,
        "expires_at": event.expires_at.isoformat(),
    }
    return WriteMessage(
        kind,
        str(event.link_id),
        customer_id=event.account_id if event.account_kind == "customer" else None,
        recipient=event.email,
        facts=facts,
        useful_until=event.expires_at,
    )


def _contact(event: ContactReceived) -> WriteMessage:
    facts = event.model_dump(mode="json", include={"name", "email", "phone", "subject", "message"})
    cause, since = str(event.contact_id), event.received_at
    return WriteMessage(Kind.CONTACT, cause, customer_id=event.customer_id, facts=facts, since=since)


EVENT_HANDLERS: EventHandlers = {
    **BOOKING_HANDLERS,
    PaymentFailed: _payment_failed,
    RefundSucceeded: _refunded,
    RefundFailed: _refund_failed,
    DisputeOpened: _disputed,
    DisputeClosed: _disputed,
    ReceiptIssued: KeepReceipt,
    CustomerRegistered: _registered,
    CustomerUpdated: _customer_changed,
    CustomerVerified: _customer_changed,
    CustomerErased: EraseCustomer,
    StaffInvited: _invited,
    StaffUpdated: _staff_changed,
    VerificationRequested: _verification,
    PasswordResetRequested: _password_reset,
    ContactReceived: _contact,
    AlertRaised: WarnStaff,
}
"""Contract → the command that it becomes."""
