"""A stack without a terminal: start it and leave it, stop it, say how it is."""

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TextIO

from shared.testing.waiting import NeverHappened, wait_until

from devstack import SERVICES
from devstack.environment import Environments, Ports
from devstack.folder import RunFolder, report
from devstack.infrastructure import Addresses
from devstack.launching import READY, await_word, launch
from devstack.table import table

START_TIMEOUT = 300.0
STOP_TIMEOUT = 30.0


def start_in_background(folder: RunFolder) -> int:
    """Start a supervisor of its own session, show its progress until all answers; returns an exit code."""
    if pid := folder.supervisor_pid():
        report(f"A stack is running in {folder.path} already (pid {pid}).")
        return 1
    log = folder.log("supervisor", "once")
    _, pipe = launch(log, os.environ, outlives_us=True)
    with log.open() as lines:
        word = await_word(pipe, START_TIMEOUT, lambda: copy(lines))
    return 0 if word == READY else 1


def copy(lines: TextIO) -> None:
    """Pass on what was written to a log since the last time."""
    sys.stderr.write(lines.read())
    sys.stderr.flush()


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
    settings = settings_of_running(folder)
    return subprocess.run((sys.executable, "-m", "devstack.migrate"), input=json.dumps(settings).encode()).returncode


def use_tool(folder: RunFolder, service: str, arguments: Sequence[str]) -> int:
    """Run a service's own command line against what runs; returns its exit code."""
    if folder.supervisor_pid() is None or not folder.stack_file.exists():
        report(f"Nothing runs in {folder.path}.")
        return 1
    return subprocess.run(
        (sys.executable, "-m", service, *arguments), env=settings_of_running(folder)[service]
    ).returncode


def settings_of_running(folder: RunFolder) -> dict[str, dict[str, str]]:
    """Service → the environment in which its commands work on what runs."""
    stack: dict[str, Any] = json.loads(folder.stack_file.read_text())
    brokers = dict.fromkeys(SERVICES, stack["infrastructure"]["rabbitmq"]["url"])
    addresses = Addresses(stack["databases"], brokers, stack["infrastructure"]["redis"]["url"])
    ports = {(process["name"], process["role"]): process["port"] for process in stack["processes"]}
    environments = Environments(folder, os.environ, Ports(defaultdict(int, ports)))
    return {name: environments.service(name, "api", addresses) for name in SERVICES}


def show_status(folder: RunFolder) -> int:
    """Print the table of what runs; returns an exit code, 1 when nothing runs."""
    if folder.supervisor_pid() is None or not folder.stack_file.exists():
        report(f"Nothing runs in {folder.path}.")
        return 1
    stack: dict[str, Any] = json.loads(folder.stack_file.read_text())
    print(table(stack))
    return 0
