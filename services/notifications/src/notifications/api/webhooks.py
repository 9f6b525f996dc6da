"""Where Amazon tells what became of messages, and recipients end them."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from shared.commands import Commands
from shared.errors import Refusal
from shared.http import access
from shared.http.fields import Text
from shared.http.identity import Caller
from shared.telemetry import meter

from notifications.adapters.sns_notifications import Notifications
from notifications.commands.receive_feedback import ReceiveFeedback
from notifications.commands.stop_messages import StopMessages
from notifications.domain.feedback import read_feedback
from notifications.sending.unsubscribing import Unsubscribing

log = logging.getLogger(__name__)

LONGEST_TOKEN = 200

_received = meter.create_counter("messages.feedback", description="Notifications of carriers, by type")


class Received(BaseModel):
    """The notification was taken in."""

    received: bool


class Unsubscription(BaseModel):
    """A sentence for the page."""

    message: str


class WrongLink(Refusal):
    """The token is not one of ours."""

    code = "invalid_token"
    message = "This link is not valid."


def routes(commands: Commands, notifications: Notifications, unsubscribing: Unsubscribing) -> APIRouter:
    """`/api/notifications/webhooks/ses/` and `/api/customers/unsubscribe/`."""
    router = APIRouter(prefix="/api")

    @router.post(
        "/notifications/webhooks/ses/",
        operation_id="receive_ses_notification",
        summary="Amazon tells of bounces, complaints, deliveries and answers to SMS",
        tags=["Webhooks"],
    )
    async def receive(request: Request, caller: Caller = access.anyone()) -> Received:
        """Signed notifications of SNS. What is not understood is acknowledged, since it would come again for days."""
        notification = await notifications.read(await request.body())
        told = read_feedback(notification.message) if notification.type == "Notification" else None
        _received.add(1, {"type": type(told).__name__ if told else notification.type})
        if told is not None:
            await commands.execute(ReceiveFeedback(notification.id, told))
        return Received(received=True)

    @router.post(
        "/customers/unsubscribe/",
        operation_id="unsubscribe",
        summary="End messages that are not about a booking",
        tags=["Contact"],
    )
    async def unsubscribe(
        token: Annotated[Text, Query(max_length=LONGEST_TOKEN)], caller: Caller = access.anyone()
    ) -> Unsubscription:
        """By the signed link of a message, without a login and in one click: mail programs post to it by themselves."""
        message_id = unsubscribing.message_of(token)
        if message_id is None:
            raise WrongLink()
        await commands.execute(StopMessages(message_id))
        return Unsubscription(message="You get no more such messages. What belongs to a booking still comes.")

    return router
