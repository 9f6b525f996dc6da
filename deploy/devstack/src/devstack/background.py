"""A stack without a terminal: start it and leave it, stop it, say how it is."""

import json
import os
import select
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from shared.testing.waiting import NeverHappened, wait_until

from devstack import SERVICES
from devstack.environment import Environments, Ports
from devstack.folder import RunFolder, report
from devstack.infrastructure import Addresses
from devstack.table import table

STOP_TIMEOUT = 30.0
LOOK_EVERY = 0.2


def start_in_background(folder: RunFolder) -> int:
    """Start a supervisor of its own session, show its progress until all answers; returns an exit code."""
    if pid := folder.supervisor_pid():
        report(f"A stack is running in {folder.path} already (pid {pid}).")
        return 1
    log = folder.log("supervisor", "once")
    reading, writing = os.pipe()
    argv = (sys.executable, "-m", "devstack", "run", "--ready-fd", str(writing))
    with log.open("wb") as output:
        subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=(writing,), start_new_session=True
        )
    os.close(writing)
    return 0 if follow(log, reading) == b"ready" else 1


def follow(log: Path, pipe: int) -> bytes:
    """Copy what is written to `log` until the other end of `pipe` says something or is closed; returns what it said."""
    with log.open() as lines:
        while not select.select([pipe], [], [], LOOK_EVERY)[0]:
            sys.stderr.write(lines.read())
        said = os.read(pipe, 100)
        sys.stderr.write(lines.read())
    return said


def stop_in_background(folder: RunFolder) -> int:
    """Stop the folder's supervisor and wait for its end; returns an exit code."""
    pid = folder.supervisor_pid()
    if pid is None:
        report(f"Nothing runs in {folder.path}.")
        return 0
    os.kill(pid, signal.SIGTERM)
    try:
        wait_until(lambda: folder.supervisor_pid() is None, STOP_TIMEOUT, f"the stack (pid {pid}) to stop")
    except NeverHappened as reason:
        report(str(reason))
        return 1
    report("Stopped.")
    return 0


def migrate_running(folder: RunFolder) -> int:
    """Migrate the databases of what runs, as a release would before its new code starts; returns an exit code."""
    if folder.supervisor_pid() is None or not folder.stack_file.exists():
        report(f"Nothing runs in {folder.path}; a start migrates by itself.")
        return 1
    stack: dict[str, Any] = json.loads(folder.stack_file.read_text())
    brokers = dict.fromkeys(SERVICES, stack["infrastructure"]["rabbitmq"]["url"])
    addresses = Addresses(stack["databases"], brokers, stack["infrastructure"]["redis"]["url"])
    environments = Environments(folder, os.environ, Ports(defaultdict(int)))
    settings = {name: environments.service(name, "api", addresses) for name in SERVICES}
    return subprocess.run((sys.executable, "-m", "devstack.migrate"), input=json.dumps(settings).encode()).returncode


def show_status(folder: RunFolder) -> int:
    """Print the table of what runs; returns an exit code, 1 when nothing runs."""
    if folder.supervisor_pid() is None or not folder.stack_file.exists():
        report(f"Nothing runs in {folder.path}.")
        return 1
    stack: dict[str, Any] = json.loads(folder.stack_file.read_text())
    print(table(stack))
    return 0
