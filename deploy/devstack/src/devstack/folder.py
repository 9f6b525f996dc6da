"""The run folder (`.run`, or RUN_DIR): data, logs, what was generated once, and the lock of its one supervisor."""

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shared.testing.servers import free_port
from shared.testing.servers.ports import is_free


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this run folder."""


class RunFolder:
    """Everything that one stack keeps; two stacks need two folders."""

    def __init__(self, path: Path) -> None:
        """Make the folder when it is missing."""
        self.path = path.resolve()
        self.logs.mkdir(parents=True, exist_ok=True)
        self.mailbox.mkdir(exist_ok=True)
        self._lock: int | None = None

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.path / "logs"

    @property
    def mailbox(self) -> Path:
        """Where e-mails land as .eml files."""
        return self.path / "mailbox"

    @property
    def documents(self) -> Path:
        """Where uploaded and made files are kept."""
        return self.path / "documents"

    @property
    def backups(self) -> Path:
        """Where all services keep their daily backups."""
        return self.path / "backups"

    @property
    def stack_file(self) -> Path:
        """Addresses, pids and logins of what runs, as JSON."""
        return self.path / "stack.json"

    def log(self, name: str, role: str) -> Path:
        """The log file of a process."""
        return self.logs / f"{name}-{role}.log"

    def lock(self) -> None:
        """Become the folder's supervisor until this process ends. Raises AlreadyRunning."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(f"A stack is running in {self.path} already; `make down` stops it.") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._lock = handle

    def supervisor_pid(self) -> int | None:
        """The pid of the supervisor that holds the lock now."""
        try:
            with (self.path / "lock").open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return int((self.path / "lock").read_text() or 0) or None
        return None

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(36)) -> str:
        """A secret that is made once and kept."""
        return str(self._kept("secrets.json", name, make))

    def replace_secret(self, name: str, value: str) -> None:
        """Keep another value from now on."""
        self._keep("secrets.json", name, value)

    def port(self, name: str) -> int:
        """A port for a process: the one of last time if it is free, else another one."""
        kept = int(self._kept("ports.json", name, free_port))
        if is_free(kept):
            return kept
        self._keep("ports.json", name, free_port())
        return int(self._kept("ports.json", name, free_port))

    def _kept(self, file: str, name: str, make: Callable[[], Any]) -> Any:
        path = self.path / file
        values = json.loads(path.read_text()) if path.exists() else {}
        if name not in values:
            self._keep(file, name, make())
            return self._kept(file, name, make)
        return values[name]

    def _keep(self, file: str, name: str, value: Any) -> None:
        path = self.path / file
        values = json.loads(path.read_text()) if path.exists() else {}
        write_atomically(path, values | {name: value})


def write_atomically(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file (mode 0600) so that a reader sees the old or the new content, never half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)


def chosen_folder() -> RunFolder:
    """The folder that RUN_DIR names, else `.run` here."""
    return RunFolder(Path(os.environ.get("RUN_DIR") or ".run"))


def report(sentence: str) -> None:
    """Tell who watches the start, or the supervisor's log, what happens."""
    print(sentence, file=sys.stderr, flush=True)
