"""Any mail server as carrier of e-mail, by SMTP."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass

from notifications.adapters.carriers import Mail, NotNow, Undeliverable


@dataclass(frozen=True, slots=True)
class Server:
    """How a mail server is reached: `encryption` from the start (`ssl`), after a greeting (`starttls`), or `none`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    encryption: str = "none"
    seconds: float = 10.0


class Smtp:
    """Hands each e-mail over in a conversation of its own. The library blocks, so each runs in a thread."""

    name = "smtp"

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, mail: Mail) -> str:
        """Hands the e-mail over. A server that refuses for now (4xx) is asked again, one that refuses (5xx) is not."""
        try:
            await asyncio.to_thread(self._send, mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise _answered(code) from refused
        except smtplib.SMTPAuthenticationError as error:
            raise NotNow(f"The mail server refused our login with {error.smtp_code}.") from error
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(f"The mail server can't be reached: {type(error).__name__}.") from error
        return ""

    def _send(self, mail: Mail) -> None:
        with self._connect() as connection:
            if self._server.user:
                connection.login(self._server.user, self._server.password)
            connection.sendmail(mail.sender, [mail.recipient], mail.content)

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.encryption == "ssl":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        if server.encryption == "starttls":
            connection.starttls(context=context)
        return connection


def _answered(code: int) -> Exception:
    permanent = 500 <= code < 600
    return (Undeliverable if permanent else NotNow)(f"The mail server answered {code}.")
