"""Any mail server as carrier of e-mail, by SMTP."""

import asyncio
import logging
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from notifications.adapters.carriers import Mail, NotNow, Undeliverable

log = logging.getLogger(__name__)

LONGEST_SECONDS = 7.0
"""For a whole conversation: it ends before the sender stops waiting, which would not end it."""


@dataclass(frozen=True, slots=True)
class Server:
    """How a mail server is reached: `encryption` from the start (`ssl`), after a greeting (`starttls`), or `none`.

    `seconds` is what a whole conversation may take.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    encryption: str = "none"
    seconds: float = LONGEST_SECONDS


class _InTime(smtplib.SMTP):
    """A conversation that ends in time: the library's own timeout begins anew with every step."""

    def __init__(self, server: Server, **options: Any) -> None:
        self._ends_at = time.monotonic() + server.seconds
        super().__init__(server.host, server.port, timeout=server.seconds, **options)

    def send(self, s: Any) -> None:
        """Says something; raises `TimeoutError` once the time is over, also where all answers come at once."""
        if time.monotonic() > self._ends_at:
            raise TimeoutError("The conversation takes too long.")
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """The next answer; raises `TimeoutError` unless it is there when the time is over."""
        if self.sock is not None:
            self.sock.settimeout(max(self._ends_at - time.monotonic(), 0.01))
        return super().getreply()


class _InTimeEncrypted(_InTime, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


class Smtp:
    """Hands each e-mail over in a conversation of its own. The library blocks, so each runs in a thread."""

    name = "smtp"

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, mail: Mail) -> str:
        """Hands the e-mail over. Only what the server says for good (5xx) of the recipient or of the message itself is
        final; all else is about the server or our account, and can change.
        """
        try:
            await asyncio.to_thread(self._send, mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise _answered(code) from refused
        except smtplib.SMTPDataError as error:
            raise _answered(error.smtp_code) from error
        except smtplib.SMTPAuthenticationError as error:
            raise NotNow(f"The mail server refused our login with {error.smtp_code}.") from error
        except smtplib.SMTPResponseException as error:
            raise NotNow(f"The mail server answered {error.smtp_code}.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(f"The mail server can't be reached: {type(error).__name__}.") from error
        return ""

    def _send(self, mail: Mail) -> None:
        with self._conversation() as connection:
            if self._server.user:
                connection.login(self._server.user, self._server.password)
            connection.sendmail(mail.sender, [mail.recipient], mail.content)

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        """A conversation whose last words don't matter: a message that was taken is not handed over again for them."""
        connection = self._connect()
        try:
            yield connection
            _take_leave(connection)
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.encryption == "ssl":
            return _InTimeEncrypted(server, context=context)
        connection = _InTime(server)
        try:
            if server.encryption == "starttls":
                connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
        return connection


def _take_leave(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException) as error:
        log.info("mail server took no leave", extra={"error": type(error).__name__})


def _answered(code: int) -> Exception:
    permanent = 500 <= code < 600
    return (Undeliverable if permanent else NotNow)(f"The mail server answered {code}.")
