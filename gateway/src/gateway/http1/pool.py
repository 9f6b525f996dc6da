"""Kept connections to one service."""

import asyncio
import time
from urllib.parse import urlsplit

from gateway.http1.connection import Connection

CONNECT_SECONDS = 0.5
IDLE_SECONDS = 15.0
"""Shorter than the services keep an idle connection, so that the one who closes it is always this side."""


class ConnectFailed(Exception):
    """The service can't be reached, so it was certainly not asked."""


class Pool:
    """The connection used last is used next, so that as few as are needed stay open."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host = parts.netloc
        self.prefix = parts.path.rstrip("/")
        self._tls = True if parts.scheme == "https" else None
        self._address = (parts.hostname or "127.0.0.1", parts.port or (443 if self._tls else 80))
        self._idle: list[Connection] = []

    async def take(self) -> Connection:
        """A connection for one exchange; give it back. Raises `ConnectFailed` after 0.5 s at most."""
        oldest_use = time.monotonic() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since > oldest_use:
                return connection
            connection.close()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(Connection, *self._address, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise ConnectFailed() from error
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keeps the connection if its exchange came to a good end, else closes it."""
        connection.end_exchange()
        if connection.is_reusable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Closes what is idle."""
        while self._idle:
            self._idle.pop().close()
