"""Starting a program so that it cannot outlive the process that started it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded here, not between fork and exec, where loading a library could deadlock.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServerFailed(RuntimeError):
    """A server did not start; the text says where its log is and how it ends."""


@dataclass(frozen=True)
class Command:
    """How a program is started and stopped; `user` is the system user it runs as, None for ours."""

    argv: tuple[str, ...]
    folder: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """What a child does before exec: ask Linux for `stop_signal` as soon as the thread that forked it is gone."""
    parent = os.getpid()

    def prepare_child() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return prepare_child


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start it in a session of its own (Ctrl-C in a terminal reaches only us), output appended to its log."""
    with command.log.open("ab") as log:
        return subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env=dict(command.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=command.user,
            group=primary_group(command.user),
            extra_groups=[] if command.user else None,
            start_new_session=True,
            preexec_fn=die_with_parent(command.stop_signal),
        )


def primary_group(user: str | None) -> int | None:
    """The group id a system user belongs to first."""
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def end(process: subprocess.Popen[bytes], stop_signal: signal.Signals, timeout: float) -> None:
    """Ask it to stop, wait `timeout` seconds, then kill it."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log file, for error messages."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
