"""What the supervisor needs to know about one program."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum

from shared.testing.servers import Command, EmbeddedServer


class Stage(IntEnum):
    """When a program is stopped: those in front first, what they stand on last."""

    GATEWAY = 1
    SERVICE = 2
    TOOL = 3
    SERVER = 4


# Seconds to end by itself before it is killed; all together make the longest stop of a stack.
PATIENCE = {Stage.GATEWAY: 1.5, Stage.SERVICE: 8.0, Stage.TOOL: 0.5, Stage.SERVER: 2.5}


@dataclass(frozen=True)
class Program:
    """A program to keep alive: how to start it, when it is ready, when it is stopped."""

    name: str
    role: str
    port: int
    stage: Stage
    command: Callable[[], Command]
    is_ready: Callable[[], Awaitable[bool]]
    prepare: Callable[[], None] = lambda: None

    @property
    def title(self) -> str:
        """What people call it, such as "booking worker"."""
        return f"{self.name} {self.role}"


def http_program(name: str, role: str, stage: Stage, port: int, command: Command, path: str) -> Program:
    """A program that is ready when it answers 200 to `GET path`."""
    return Program(name, role, port, stage, lambda: command, lambda: answers_ok(port, path))


def server_program(server: EmbeddedServer) -> Program:
    """An embedded server."""

    async def is_ready() -> bool:
        return await asyncio.to_thread(server.is_ready)

    return Program(server.name, "server", server.port, Stage.SERVER, server.command, is_ready, server.prepare)


async def answers_ok(port: int, path: str, timeout: float = 2.0) -> bool:
    """Whether `GET path` on this port of 127.0.0.1 answers 200 within `timeout` seconds."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                # By hand, since an HTTP library would be most of the supervisor's memory.
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                status_line = await reader.readline()
                return b" 200 " in status_line
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
