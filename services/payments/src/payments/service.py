"""Composition root of the payments service."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from shared.commands import Handler
from shared.http.personal_data import personal_data_routes
from shared.invariants import prover
from shared.jobs import Job
from shared.service import Parts, Platform, Service
from shared.stores import storage_from

from payments.adapters.places import BookingPlaces
from payments.adapters.stripe_library import StripeLibrary
from payments.api import cards, internal, public, receipts, reports, resolving, staff, webhooks
from payments.commands import (
    apply_dispute,
    apply_payment_intent,
    apply_refund,
    audit_staff,
    book_movement,
    erase_customer,
    issue_receipt,
    keep_cards,
    prepare_intent,
    receipt_stored,
    receive_stripe_event,
    record_booking,
    record_comparison,
    request_refund,
    resolve_payment,
    start_payment,
    tell_difference,
    watch_webhooks,
)
from payments.domain.receipt import Seller
from payments.errands.card_payments import CardPayments
from payments.errands.checkout import Checkout
from payments.errands.compare import Comparison
from payments.errands.loop import ErrandLoop
from payments.errands.make_intent import IntentMaker
from payments.errands.receipts import ReceiptErrands
from payments.errands.reconcile import Reconciler
from payments.errands.silence import look_for_silence
from payments.errands.together import a_job_of
from payments.errands.wallet import Wallet
from payments.errands.worker import StripeErrands
from payments.events import EVENT_HANDLERS
from payments.queries.invariants import CHECKS, TOTALS
from payments.queries.personal_data import data_about
from payments.queries.receipts import Receipts
from payments.settings import Settings
from payments.tools import tools

HANDLERS: dict[type[Any], Handler] = {
    start_payment.StartPayment: start_payment.start_payment,
    prepare_intent.LeasePayment: prepare_intent.lease_payment,
    prepare_intent.ReleasePayment: prepare_intent.release_payment,
    prepare_intent.NextAttempt: prepare_intent.next_attempt,
    prepare_intent.RefusePayment: prepare_intent.refuse_payment,
    apply_payment_intent.ApplyPaymentIntent: apply_payment_intent.apply_payment_intent,
    apply_refund.ApplyRefund: apply_refund.apply_refund,
    apply_refund.RefuseRefund: apply_refund.refuse_refund_at_stripe,
    apply_refund.NextRefundAttempt: apply_refund.next_refund_attempt,
    request_refund.RequestRefund: request_refund.request_refund,
    request_refund.CarryOutRefund: request_refund.carry_out_refund,
    record_booking.RecordBooking: record_booking.record_booking,
    receive_stripe_event.ReceiveStripeEvent: receive_stripe_event.receive_stripe_event,
    receive_stripe_event.SettleStripeEvent: receive_stripe_event.settle_stripe_event,
    receive_stripe_event.PostponeStripeEvent: receive_stripe_event.postpone_stripe_event,
    receive_stripe_event.ForgetOldStripeEvents: receive_stripe_event.forget_old_stripe_events,
    receive_stripe_event.ParkStripeEvent: receive_stripe_event.park_stripe_event,
    receive_stripe_event.ResolveStripeEvent: receive_stripe_event.resolve_stripe_event,
    resolve_payment.ResolvePayment: resolve_payment.resolve_payment,
    erase_customer.EraseCustomer: erase_customer.erase_customer,
    erase_customer.StripeForgot: erase_customer.stripe_forgot,
    receipt_stored.ReceiptStored: receipt_stored.receipt_stored,
    keep_cards.ClaimKey: keep_cards.claim_key,
    keep_cards.RecordStripeCustomer: keep_cards.record_stripe_customer,
    keep_cards.KeepCard: keep_cards.keep_card,
    keep_cards.ChooseDefaultCard: keep_cards.choose_default_card,
    keep_cards.RemoveCard: keep_cards.remove_card,
    keep_cards.CardDetached: keep_cards.card_detached,
    apply_dispute.ApplyDispute: apply_dispute.apply_dispute,
    book_movement.BookMovement: book_movement.book_movement,
    record_comparison.RecordComparison: record_comparison.record_comparison,
    tell_difference.TellDifference: tell_difference.tell_difference,
    watch_webhooks.WatchWebhooks: watch_webhooks.watch_webhooks,
    audit_staff.AuditStaff: audit_staff.audit_staff,
}


def compose(platform: Platform[Settings]) -> Parts:
    """All parts of the service, for one process."""
    settings, database, clock = platform.settings, platform.database, platform.clock
    gateway = StripeLibrary(settings.stripe_api_base, settings.stripe_secret_key, settings.webhook_secrets)
    office = issue_receipt.ReceiptOffice(Seller(settings.company_name, settings.company_address), settings.timezone)
    commands = platform.commands(HANDLERS | _documents(office))
    storage = storage_from(settings, "/api/payments/files/")
    maker = IntentMaker(commands, gateway, clock)
    booking = platform.client("booking", settings.booking_url, settings.identity_private_key)
    checkout = Checkout(commands, database, gateway, maker, BookingPlaces(booking))
    documents = ReceiptErrands(commands, database, storage, clock, settings.timezone)
    return Parts(
        commands=commands,
        routers=(
            internal.routes(checkout),
            personal_data_routes(partial(data_about, database)),
            public.routes(commands, database, gateway, checkout, clock),
            cards.routes(commands, database, Wallet(commands, database, gateway)),
            cards.paying(database, CardPayments(commands, database, gateway, checkout), clock),
            webhooks.routes(commands, gateway),
            receipts.routes(commands, database, Receipts(database, storage)),
            resolving.payments(commands, database, gateway),
            resolving.webhooks(commands, database),
            reports.routes(commands, database, settings.timezone),
            staff.routes(commands, database, settings.timezone),
        ),
        event_handlers=EVENT_HANDLERS,
        jobs=(
            *_jobs(
                Reconciler(commands, database, gateway, maker, clock), Comparison(commands, database, gateway, clock)
            ),
            Job("watch-webhooks", timedelta(minutes=5), look_for_silence(commands)),
        ),
        invariants=prover(database, CHECKS, TOTALS),
        loops=_loops(StripeErrands(commands, database, gateway, maker, clock), documents),
        resources=(gateway, booking),
    )


def _jobs(reconciler: Reconciler, comparison: Comparison) -> tuple[Job, ...]:
    return (
        Job("reconcile", timedelta(seconds=30), a_job_of(reconciler.run)),
        Job("compare-hours", timedelta(hours=1), a_job_of(comparison.hour)),
        Job("compare-days", timedelta(hours=6), a_job_of(comparison.day)),
    )


def _loops(errands: StripeErrands, documents: ReceiptErrands) -> tuple[ErrandLoop, ...]:
    return (
        ErrandLoop("stripe-webhooks", errands.webhooks, poll_seconds=0.2),
        ErrandLoop("stripe-refunds", errands.refunds, poll_seconds=0.5),
        ErrandLoop("stripe-cancellations", errands.cancellations, poll_seconds=1.0),
        ErrandLoop("stripe-detachments", errands.detachments, poll_seconds=2.0),
        ErrandLoop("receipts", documents.turn, poll_seconds=1.0),
    )


def _documents(office: issue_receipt.ReceiptOffice) -> dict[type[Any], Handler]:
    return {
        issue_receipt.IssueReceipt: office.issue_receipt,
        issue_receipt.IssueCreditNote: office.issue_credit_note,
        issue_receipt.ReverseCreditNote: office.reverse_credit_note,
        issue_receipt.IssueInvoice: office.issue_invoice,
    }


SERVICE = Service(
    name="payments",
    title="ToteTaxi payments",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
    tools=tools,
)
