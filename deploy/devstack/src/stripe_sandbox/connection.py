"""Cutting a caller's connection, as a network does: no answer, just a reset."""

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORT = "stripe_sandbox.transport"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol which also lets the application reach the connection below a request."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_TRANSPORT: {"transport": self.transport}}


class CutConnection(Response):
    """An answer that never comes: the connection is reset in its place."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["extensions"][_TRANSPORT]["transport"]
        connected: socket.socket = transport.get_extra_info("socket")
        # With no time to linger the kernel sends a reset instead of an orderly end.
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        # The server takes a return without an answer for a bug as long as it believes the caller to be there.
        while (await receive())["type"] != "http.disconnect":
            continue
