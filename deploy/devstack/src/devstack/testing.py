"""A whole stack for tests: the launcher in its own process and run folder."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.testing.servers import ServerFailed, free_port
from shared.testing.servers.process import end, last_lines

from devstack.launching import READY, await_word, launch

START_TIMEOUT = 300.0
STOP_TIMEOUT = 120.0


class RunningStack:
    """`python -m devstack run` in `folder`; `settings` are added to its environment."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """Nothing runs yet. The folder must be one that other system users may enter, so not pytest's own."""
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        usual = {"GATEWAY_PORT": str(free_port()), "DURABLE_SERVERS": "false"}
        self._settings = {**usual, **(settings or {}), "RUN_DIR": str(self.folder)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The launcher's own output."""
        return self.folder / "launcher.log"

    @property
    def stack(self) -> dict[str, Any]:
        """`stack.json` of this moment."""
        return dict(json.loads((self.folder / "stack.json").read_text()))

    def pid(self, name: str, role: str = "api") -> int | None:
        """A process's pid of this moment, None while it is down; servers by the names of `infrastructure`."""
        stack = self.stack
        pids: dict[tuple[str, str], int | None] = {(p["name"], p["role"]): p["pid"] for p in stack["processes"]}
        pids |= {(server, "api"): entry["pid"] for server, entry in stack["infrastructure"].items()}
        return pids[name, role]

    def start(self) -> "RunningStack":
        """Start it and wait until all processes answer. Raises ServerFailed with the end of the launcher's log."""
        self._process, pipe = launch(self.log, {**os.environ, **self._settings}, outlives_us=False)
        if await_word(pipe, START_TIMEOUT) != READY:
            self.stop()
            raise ServerFailed(f"The stack did not come up, {self.log}:\n{last_lines(self.log, 40)}")
        return self

    def stop(self) -> None:
        """Stop it as Ctrl-C does; its data stays for another start."""
        if self._process is not None:
            end(self._process, signal.SIGINT, STOP_TIMEOUT)

    def kill(self) -> None:
        """End the launcher as a crash would; everything it started ends with it."""
        if self._process is not None:
            end(self._process, signal.SIGKILL, STOP_TIMEOUT)
