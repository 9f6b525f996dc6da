"""Starting a supervisor as a process of its own, and waiting for its word that all is ready."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.testing.servers.process import die_with_parent

READY, INCOMPLETE = b"ready", b"incomplete"
LOOK_EVERY = 0.2


def launch(log: Path, environment: Mapping[str, str], outlives_us: bool) -> tuple[subprocess.Popen[bytes], int]:
    """Start `devstack run`, its output in `log`; returns it and the pipe on which it will say READY or INCOMPLETE."""
    reading, writing = os.pipe()
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", "devstack", "run", "--ready-fd", str(writing)),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(writing,),
            start_new_session=True,
            preexec_fn=None if outlives_us else die_with_parent(signal.SIGTERM),
        )
    os.close(writing)
    return process, reading


def await_word(pipe: int, timeout: float, meanwhile: Callable[[], None] = lambda: None) -> bytes:
    """What comes through `pipe`, and closes it; empty when its writer ended or `timeout` seconds went by."""
    deadline = time.monotonic() + timeout
    try:
        while time.monotonic() < deadline:
            if select.select([pipe], [], [], LOOK_EVERY)[0]:
                return os.read(pipe, 100)
            meanwhile()
        return b""
    finally:
        os.close(pipe)
        meanwhile()
