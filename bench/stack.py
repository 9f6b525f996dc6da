"""A stack of its own for the measurement: fresh data, own ports, sessions and limits on."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any

from devstack import SERVICES
from devstack.folder import RunFolder
from devstack.launching import READY, await_word, launch
from shared.testing.servers import free_port
from shared.testing.servers.process import end, last_lines

FOLDER = Path(".run-bench")
START_SECONDS = 150.0
STOP_SECONDS = 30.0
# What would put a server of somebody else in the place of one that is measured here.
NOT_FOR_US = {"RABBITMQ_URL", "REDIS_URL", "STRIPE_API_BASE", "AWS_ENDPOINT_URL", "EMAIL_BACKEND", "MAILBOX_DIR"}
NOT_FOR_US |= {f"{service.upper()}_DATABASE_URL" for service in SERVICES}

OURS = ("gateway", "services", "workers", "postgres", "rabbitmq", "valkey")
"""Process groups that count as the product; whatever else runs in a stack only helps development."""


class StackFailed(RuntimeError):
    """The system did not start."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs: `content` is its `stack.json`."""

    folder: Path
    content: Mapping[str, Any]

    @property
    def gateway_url(self) -> str:
        """Where the API is."""
        return str(self.content["gateway_url"])

    @property
    def databases(self) -> dict[str, str]:
        """Service → its database's URL."""
        return dict(self.content["databases"])

    @property
    def rabbitmq_url(self) -> str:
        """The broker."""
        return str(self.content["infrastructure"]["rabbitmq"]["url"])

    def pids(self) -> dict[str, int]:
        """Title → pid of every process and server, such as "booking worker" and "postgres"."""
        now = json.loads((self.folder / "stack.json").read_text())
        processes = {f"{one['name']} {one['role']}": one["pid"] for one in now["processes"]}
        servers = {name: server["pid"] for name, server in now["infrastructure"].items()}
        return {name: pid for name, pid in (processes | servers).items() if pid is not None}


def group_of(title: str) -> str:
    """The group that a process of `Stack.pids` is counted in; "development" for what no production has."""
    name, _, role = title.partition(" ")
    if name in SERVICES:
        return "workers" if role == "worker" else "services"
    if name == "redis":
        return "valkey"
    return name if name in OURS else "development"


def grouped(figures: Mapping[str, float]) -> dict[str, float]:
    """Figures by process, added up by group."""
    sums: dict[str, float] = {}
    for title, figure in figures.items():
        sums[group_of(title)] = sums.get(group_of(title), 0.0) + figure
    return sums


@contextmanager
def running_stack(folder: Path = FOLDER) -> Iterator[Stack]:
    """A fresh stack in `folder`, whose old data goes, until the block ends. Raises StackFailed."""
    shutil.rmtree(folder, ignore_errors=True)
    run = RunFolder(folder)
    process = _start(run)
    try:
        yield Stack(run.path, json.loads(run.stack_file.read_text()))
    finally:
        end(process, SIGTERM, STOP_SECONDS)


def _start(run: RunFolder) -> "subprocess.Popen[bytes]":
    log = run.log("supervisor", "once")
    process, pipe = launch(log, _environment(run), outlives_us=False)
    if await_word(pipe, START_SECONDS) != READY:
        end(process, SIGTERM, STOP_SECONDS)
        raise StackFailed(f"The system did not start, {log}:\n{last_lines(log, 40)}")
    return process


def _environment(run: RunFolder) -> dict[str, str]:
    """Limits are on and met by no client, since each request comes from a client of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_FOR_US}
    return inherited | {
        "RUN_DIR": str(run.path),
        "GATEWAY_PORT": str(free_port()),
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "RATE_LIMITS_ENABLED": "true",
    }
