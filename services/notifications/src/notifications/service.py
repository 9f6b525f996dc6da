"""Notifications: what they are made of."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import APIRouter
from shared.commands import Commands
from shared.http.personal_data import personal_data_routes
from shared.jobs import Job
from shared.sealing import Sealer
from shared.service import Parts, Platform, Service
from shared.stores import storage_from

from notifications.adapters.carriers import EmailCarrier, SmsCarrier
from notifications.adapters.mailbox import Folder, Mailbox, Phone
from notifications.adapters.smtp import LONGEST_SECONDS, Server, Smtp
from notifications.adapters.sns_notifications import LocalAmazon, Notifications, RealAmazon
from notifications.api import webhooks
from notifications.api.staff import message_routes, suppression_routes
from notifications.api.templates import template_routes
from notifications.commands.change_template import ChangeTemplate, change_template
from notifications.commands.claim_messages import ClaimMessages, claim_messages
from notifications.commands.confirm_payment import ConfirmPayment, PaymentConfirmer
from notifications.commands.erase_customer import CustomerEraser, EraseCustomer
from notifications.commands.finish_messages import FinishMessages, finish_messages
from notifications.commands.keep_booking import BookingKeeper, KeepBooking
from notifications.commands.keep_customer import CustomerKeeper, KeepCustomer
from notifications.commands.keep_receipt import KeepReceipt, ReceiptKeeper
from notifications.commands.keep_staff import KeepStaff, StaffKeeper
from notifications.commands.receive_feedback import ReceiveFeedback, receive_feedback
from notifications.commands.resend_message import Resender, ResendMessage
from notifications.commands.stop_messages import StopMessages, stop_messages
from notifications.commands.suppress_address import LiftSuppression, SuppressAddress, lift_suppression, suppress_address
from notifications.commands.tidy_feedback import TidyFeedback, tidy_feedback
from notifications.commands.warn_staff import StaffWarner, WarnStaff
from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.commands.write_scheduled import AT_ONCE, Scheduler, WriteScheduled
from notifications.events import EVENT_HANDLERS
from notifications.queries.personal_data import data_about
from notifications.queries.run_sheet import stops_of
from notifications.sending.envelope import Envelope
from notifications.sending.post import HAND_OVER_SECONDS, PostOffice
from notifications.sending.rendering import Renderer
from notifications.sending.rewriting import Rewrites
from notifications.sending.sender import Bell, Sender
from notifications.sending.unsubscribing import Unsubscribing
from notifications.sending.writing import EmailWriter
from notifications.settings import Settings

SCHEDULE = "write scheduled messages"
TIDY = "forget old feedback"


def email_carrier(settings: Settings) -> EmailCarrier:
    """Who carries e-mail; the library of AWS is loaded only where it is used, since it takes some 30 MB of memory."""
    if settings.email_backend == "mailbox":
        return Mailbox(Folder(settings.mailbox_dir))
    if settings.email_backend == "smtp":
        return Smtp(_mail_server(settings))
    from notifications.adapters.aws import Ses

    return Ses(settings.aws_ses_region_name, settings.aws_endpoint_url, settings.aws_ses_configuration_set)


def sms_carrier(settings: Settings) -> SmsCarrier:
    """Who carries SMS."""
    if settings.sms_backend == "mailbox":
        return Phone(Folder(settings.mailbox_dir))
    from notifications.adapters.aws import Sns

    return Sns(settings.aws_sns_region_name, settings.aws_endpoint_url, settings.aws_sns_sender_id)


def _mail_server(settings: Settings) -> Server:
    encryption = "ssl" if settings.email_use_ssl else "starttls" if settings.email_use_tls else "none"
    return Server(
        settings.email_host,
        settings.email_port,
        settings.email_host_user,
        settings.email_host_password,
        encryption,
        min(settings.email_timeout, LONGEST_SECONDS),
    )


def renderer_of(settings: Settings, rewrites: Rewrites) -> Renderer:
    """What writes messages out."""
    return Renderer(settings.public_site_url, Sealer(settings.sealing_key), settings.timezone, rewrites)


def post_office(platform: Platform[Settings], email: EmailCarrier, sms: SmsCarrier) -> PostOffice:
    """What hands messages to these carriers."""
    settings, rewrites = platform.settings, Rewrites(platform.database)
    written = EmailWriter(
        renderer_of(settings, rewrites),
        rewrites,
        Envelope(settings.default_from_email),
        storage_from(settings),
        partial(stops_of, platform.database, settings.timezone),
        unsubscribing_of(settings),
        platform.clock,
    )
    return PostOffice(written, email, sms, settings.timezone, platform.clock, HAND_OVER_SECONDS)


def unsubscribing_of(settings: Settings) -> Unsubscribing:
    """What signs links that end messages."""
    return Unsubscribing(settings.public_site_url, settings.secret_key)


def routers(platform: Platform[Settings], commands: Commands) -> list[APIRouter]:
    """All routes; templates before messages, whose ids stand in the same place."""
    settings, database, rewrites = platform.settings, platform.database, Rewrites(platform.database)
    file = settings.sns_certificate_file
    notifications = Notifications(LocalAmazon(file) if file else RealAmazon(), settings.topics)
    return [
        template_routes(commands, database, renderer_of(settings, rewrites), rewrites),
        suppression_routes(commands, database),
        message_routes(commands, database),
        webhooks.routes(commands, notifications, unsubscribing_of(settings)),
        personal_data_routes(partial(data_about, database)),
    ]


def compose(platform: Platform[Settings]) -> Parts:
    """Puts notifications together."""
    settings, bell = platform.settings, Bell()
    zone = settings.timezone
    writer = MessageWriter(bell.ring, settings.office_email, zone)
    patience = timedelta(seconds=settings.receipt_patience_seconds)
    commands = platform.commands(
        {
            WriteMessage: writer,
            KeepBooking: BookingKeeper(writer),
            ConfirmPayment: PaymentConfirmer(writer, patience),
            KeepReceipt: ReceiptKeeper(writer),
            KeepCustomer: CustomerKeeper(writer),
            KeepStaff: StaffKeeper(writer),
            WarnStaff: StaffWarner(writer),
            EraseCustomer: CustomerEraser(Folder(settings.mailbox_dir).forget),
            WriteScheduled: Scheduler(writer, zone),
            ClaimMessages: claim_messages,
            FinishMessages: finish_messages,
            ReceiveFeedback: receive_feedback,
            TidyFeedback: tidy_feedback,
            StopMessages: stop_messages,
            ResendMessage: Resender(writer),
            SuppressAddress: suppress_address,
            LiftSuppression: lift_suppression,
            ChangeTemplate: change_template,
        }
    )
    post = post_office(platform, email_carrier(settings), sms_carrier(settings))

    async def write_scheduled() -> None:
        while await commands.execute(WriteScheduled()) >= AT_ONCE:
            continue

    return Parts(
        commands=commands,
        routers=routers(platform, commands),
        event_handlers=EVENT_HANDLERS,
        jobs=[
            Job(SCHEDULE, timedelta(seconds=30), write_scheduled),
            Job(TIDY, timedelta(hours=6), partial(commands.execute, TidyFeedback())),
        ],
        loops=[Sender(commands, post, bell)],
    )


SERVICE = Service(
    name="notifications",
    title="ToteTaxi notifications",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
)
