"""Notifications: what they are made of."""

from pathlib import Path

from shared.sealing import Sealer
from shared.service import Parts, Platform, Service

from notifications.adapters.email import EmailBackend
from notifications.adapters.mailbox import Mailbox
from notifications.api import staff
from notifications.commands.claim_messages import ClaimMessages, claim_messages
from notifications.commands.finish_messages import FinishMessages, finish_messages
from notifications.commands.keep_booking import BookingKeeper, KeepBooking
from notifications.commands.keep_customer import CustomerKeeper, KeepCustomer
from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.events import EVENT_HANDLERS
from notifications.sending.envelope import Envelope
from notifications.sending.post import PostOffice
from notifications.sending.rendering import Renderer
from notifications.sending.sender import Bell, Sender
from notifications.settings import Settings


def email_backend(settings: Settings) -> EmailBackend:
    """Who carries e-mail; the library of AWS is loaded only where it is used, since it takes some 30 MB of memory."""
    if settings.email_backend == "mailbox":
        return Mailbox(settings.mailbox_dir)
    from notifications.adapters.ses import Ses

    return Ses(settings.aws_ses_region_name, settings.aws_endpoint_url)


def compose(platform: Platform[Settings]) -> Parts:
    """Puts notifications together."""
    settings, bell = platform.settings, Bell()
    write = MessageWriter(bell.ring)
    commands = platform.commands(
        {
            WriteMessage: write,
            KeepBooking: BookingKeeper(write),
            KeepCustomer: CustomerKeeper(write),
            ClaimMessages: claim_messages,
            FinishMessages: finish_messages,
        }
    )
    renderer = Renderer(settings.public_site_url, Sealer(settings.sealing_key), settings.timezone)
    post = PostOffice(renderer, Envelope(settings.default_from_email), email_backend(settings))
    return Parts(
        commands=commands,
        routers=[staff.routes(platform.database, renderer)],
        event_handlers=EVENT_HANDLERS,
        loops=[Sender(commands, post, bell)],
    )


SERVICE = Service(
    name="notifications",
    title="ToteTaxi notifications",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
)
