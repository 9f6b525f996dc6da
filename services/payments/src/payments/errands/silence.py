"""Notices that Stripe's webhooks stay away, which hurts nobody at first: the reconciler finds what they would tell."""

from collections.abc import Awaitable, Callable

from shared.commands import Commands
from shared.telemetry import meter

from payments.commands.watch_webhooks import WatchWebhooks

_silences = meter.create_counter(
    "stripe.webhooks.silences", description="Looks that found payments of which no webhook told"
)


def look_for_silence(commands: Commands) -> Callable[[], Awaitable[None]]:
    """The job: one look."""

    async def look() -> None:
        if await commands.execute(WatchWebhooks()):
            _silences.add(1)

    return look
