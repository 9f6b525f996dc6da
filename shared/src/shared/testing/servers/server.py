"""What all embedded servers have in common: a folder, a port, secrets that stay, start, stop and kill."""

import json
import secrets
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from shared.testing.servers.ports import free_port, is_free
from shared.testing.servers.process import Command, ServerFailed, end, last_lines, spawn
from shared.testing.waiting import NeverHappened, wait_until


class EmbeddedServer(ABC):
    """A private server. Its folder keeps data, logs and `server.json` (port and password, mode 0600)."""

    name: str
    start_timeout = 240.0
    stop_timeout = 5.0

    def __init__(self, folder: Path, port: int | None = None, durable: bool = True) -> None:
        """Use `folder` (made when missing) and `port`, else the port of last time if free, else a free one.

        With `durable=False` nothing waits for the disk: what is written survives a kill, but not the machine's crash.
        """
        self.durable = durable
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        memory = self._remembered()
        before = memory.get("port")
        self.port = port or (int(before) if before and is_free(int(before)) else free_port())
        self.password = memory.get("password") or secrets.token_urlsafe(18)
        self._remember(memory | {"port": str(self.port), "password": self.password})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The running server's process id. Raises ServerFailed when it is not running."""
        if self.process is None or self.process.poll() is not None:
            raise ServerFailed(f"{self.name} is not running.")
        return self.process.pid

    @abstractmethod
    def prepare(self) -> None:
        """Make the folder ready for a start: first data, configuration, nothing stale. Safe to repeat."""

    @abstractmethod
    def command(self) -> Command:
        """How to start it."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers."""

    def start(self) -> Self:
        """Start it and wait until it answers. Raises ServerFailed with the end of its log."""
        self.prepare()
        self.process = spawn(self.command())
        try:
            wait_until(self._ready_or_dead, self.start_timeout, f"{self.name} to answer")
        except NeverHappened as reason:
            self.kill()
            raise ServerFailed(f"{reason} {self.log}:\n{last_lines(self.log)}") from None
        return self

    def stop(self) -> None:
        """Stop it properly within `stop_timeout` seconds, else by force; the data stays."""
        if self.process is not None:
            end(self.process, self.command().stop_signal, self.stop_timeout)

    def kill(self) -> None:
        """End it at once as a crash would; `start` brings it back on its port with its data."""
        if self.process is not None:
            end(self.process, signal.SIGKILL, self.stop_timeout)

    def _ready_or_dead(self) -> bool:
        if self.process is not None and (code := self.process.poll()) is not None:
            raise ServerFailed(f"{self.name} ended with code {code}. {self.log}:\n{last_lines(self.log)}")
        return self.is_ready()

    def _remembered(self) -> dict[str, str]:
        file = self.folder / "server.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def _remember(self, memory: dict[str, str]) -> None:
        file = self.folder / "server.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(memory))
