"""Amazon SES as the carrier of e-mail."""

import asyncio
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from notifications.adapters.email import Mail, NotNow, Undeliverable

CONNECT_SECONDS = 2
READ_SECONDS = 8
PERMANENT = frozenset({"MessageRejected", "BadRequestException"})
"""SES's answers about the e-mail itself. Whatever else it says is about the account or the moment, and can change."""


class Ses:
    """Sends through SES. The library blocks, so each call runs in a thread of its own.

    SES puts its own Message-ID on an e-mail; ours travels as the tag `message_id`, by which its reports can be matched.
    """

    def __init__(self, region: str, endpoint_url: str = "") -> None:
        self._client: Any = boto3.session.Session().client(
            "sesv2",
            region_name=region,
            endpoint_url=endpoint_url or None,
            config=Config(
                connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}
            ),
        )

    async def send(self, mail: Mail) -> None:
        """Hands the e-mail over to SES."""
        try:
            await asyncio.to_thread(self._send, mail)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise (Undeliverable if code in PERMANENT else NotNow)(f"SES answered {code}.") from error
        except BotoCoreError as error:
            raise NotNow(f"SES can't be reached: {type(error).__name__}.") from error

    def _send(self, mail: Mail) -> None:
        self._client.send_email(
            FromEmailAddress=mail.sender,
            Destination={"ToAddresses": [mail.recipient]},
            Content={"Raw": {"Data": mail.content}},
            EmailTags=[{"Name": "message_id", "Value": str(mail.id)}],
        )
