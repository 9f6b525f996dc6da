"""Amazon SES and SNS as carriers.

The library blocks, so each call runs in a thread of its own, with short timeouts and without retries of its own.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from notifications.adapters.carriers import Mail, NotNow, Sms, Undeliverable

CONNECT_SECONDS = 2
READ_SECONDS = 5
"""Both together end before the sender stops waiting, so that it hears what became of a message."""

REFUSED_MAIL = frozenset({"MessageRejected", "BadRequestException"})
REFUSED_SMS = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut", "ValidationException"})
"""Answers about the message itself. Whatever else is said is about the account or the moment, and can change."""

_OF_ACCOUNT = re.compile("not verified|authori[sz]|authority|paused|suspended|disabled|account", re.IGNORECASE)
"""SES says `MessageRejected` also when it takes no mail of ours at all."""


def _client(service: str, region: str, endpoint_url: str) -> Any:
    return boto3.session.Session().client(
        service,
        region_name=region,
        endpoint_url=endpoint_url or None,
        config=Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}),
    )


async def _ask(name: str, refused: frozenset[str], call: Callable[[], str]) -> str:
    try:
        return await asyncio.to_thread(call)
    except ClientError as error:
        answer = error.response.get("Error", {})
        code, is_ours = str(answer.get("Code", "unknown")), _OF_ACCOUNT.search(str(answer.get("Message", "")))
        raise (Undeliverable if code in refused and not is_ours else NotNow)(f"{name} answered {code}.") from error
    except BotoCoreError as error:
        raise NotNow(f"{name} can't be reached: {type(error).__name__}.") from error


class Ses:
    """Sends e-mail through SES.

    SES puts its own Message-ID on an e-mail and knows no idempotency; its id is what its reports of bounces name.
    """

    name = "ses"

    def __init__(self, region: str, endpoint_url: str = "", configuration_set: str = "") -> None:
        self._client = _client("sesv2", region, endpoint_url)
        self._options = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    async def send(self, mail: Mail) -> str:
        """Hands the e-mail over to SES."""
        return await _ask("SES", REFUSED_MAIL, lambda: self._send(mail))

    def _send(self, mail: Mail) -> str:
        answer = self._client.send_email(
            FromEmailAddress=mail.sender,
            Destination={"ToAddresses": [mail.recipient]},
            Content={"Raw": {"Data": mail.content}},
            EmailTags=[{"Name": "message_id", "Value": str(mail.id)}],
            **self._options,
        )
        return str(answer["MessageId"])


class Sns:
    """Sends SMS through SNS."""

    name = "sns"

    def __init__(self, region: str, endpoint_url: str = "", sender_id: str = "") -> None:
        self._client = _client("sns", region, endpoint_url)
        attributes = {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.SenderID": sender_id}
        self._attributes = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        }

    async def send(self, sms: Sms) -> str:
        """Hands the SMS over to SNS."""
        return await _ask("SNS", REFUSED_SMS, lambda: self._send(sms))

    def _send(self, sms: Sms) -> str:
        answer = self._client.publish(PhoneNumber=sms.recipient, Message=sms.text, MessageAttributes=self._attributes)
        return str(answer["MessageId"])
