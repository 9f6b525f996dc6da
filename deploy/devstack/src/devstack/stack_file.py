"""`stack.json`: what runs where, kept true while the supervisor starts things again."""

import os
from collections.abc import Iterable
from typing import Any

from devstack.environment import Environments, Ports
from devstack.folder import RunFolder, write_atomically
from devstack.infrastructure import Addresses, Infrastructure
from devstack.preparing import admin_login
from devstack.program import Program
from devstack.supervisor import Supervisor


def write_stack_file(
    folder: RunFolder,
    supervisor: Supervisor,
    programs: Iterable[Program],
    content: dict[str, Any],
) -> None:
    """Write `content` with the pids of this moment; a process that is down has the pid null."""
    processes = [
        {
            "name": program.name,
            "role": program.role,
            "pid": supervisor.pid(program.name, program.role),
            "port": program.port,
            "log": str(folder.log(program.name, program.role)),
        }
        for program in programs
    ]
    servers = {
        name: {"url": url, "pid": supervisor.pid("valkey" if name == "redis" else name, "server")}
        for name, url in content["infrastructure"].items()
    }
    write_atomically(folder.stack_file, {**content, "processes": processes, "infrastructure": servers})


def fixed_content(
    folder: RunFolder, infrastructure: Infrastructure, environments: Environments, addresses: Addresses, ports: Ports
) -> dict[str, Any]:
    """All of the file that stays as it is for one supervisor's life; `infrastructure` holds addresses only."""
    stripe = environments.stripe
    return {
        "gateway_url": ports.url("gateway"),
        "processes": [],
        "infrastructure": {
            "postgres": infrastructure.postgres_url,
            "rabbitmq": infrastructure.rabbitmq_url,
            "redis": infrastructure.redis_url,
        },
        "databases": dict(addresses.databases),
        "stripe": {
            "api_base": stripe["STRIPE_API_BASE"],
            "publishable_key": stripe["STRIPE_PUBLISHABLE_KEY"],
            "webhook_secret": stripe["STRIPE_WEBHOOK_SECRET"],
        },
        "mailbox": environments.mailbox,
        "mailbox_url": ports.url("mailbox"),
        "admin": admin_login(folder),
        "supervisor_pid": os.getpid(),
    }
