"""The table of all processes of a stack."""

import sys
from collections.abc import Mapping
from pathlib import Path

from shared.testing.servers import Command
from shared.testing.servers.ports import claim, is_free

from devstack import SERVICES
from devstack.environment import Environments, Ports
from devstack.folder import RunFolder
from devstack.infrastructure import Addresses
from devstack.program import Program, Stage, http_program

ROLES = ("api", "worker")
USUAL_GATEWAY_PORT = 8000
# Few arenas keep glibc from holding on to memory for threads that are idle.
SMALL = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}


def choose_ports(folder: RunFolder, environment: Mapping[str, str]) -> Ports:
    """A free port for every process; the gateway's is GATEWAY_PORT, else 8000 if it is free and no other stack that is
    still starting has chosen it."""
    named = [("gateway", "api"), ("stripe_sandbox", "api"), ("mailbox", "api")]
    named += [(service, role) for service in SERVICES for role in ROLES]
    ports = {process: folder.port(" ".join(process)) for process in named}
    if environment.get("GATEWAY_PORT"):
        ports["gateway", "api"] = int(environment["GATEWAY_PORT"])
        claim(ports["gateway", "api"])
    elif is_free(USUAL_GATEWAY_PORT) and claim(USUAL_GATEWAY_PORT):
        ports["gateway", "api"] = USUAL_GATEWAY_PORT
    return Ports(ports)


def all_programs(folder: RunFolder, environments: Environments, addresses: Addresses, ports: Ports) -> list[Program]:
    """All processes except the servers, those first that others wait for."""
    programs = []
    if environments.stripe["STRIPE_API_BASE"] == ports.url("stripe_sandbox"):
        programs.append(_tool(folder, ports, "stripe_sandbox", ("stripe_sandbox",), environments.sandbox()))
    for role in ROLES:
        for name in SERVICES:
            programs.append(_service(folder, ports, name, role, environments.service(name, role, addresses)))
    programs.append(_service(folder, ports, "gateway", "api", environments.gateway(addresses), Stage.GATEWAY))
    programs.append(_tool(folder, ports, "mailbox", ("devstack.mailbox",), environments.mailbox_page()))
    return programs


def _service(
    folder: RunFolder, ports: Ports, name: str, role: str, env: Mapping[str, str], stage: Stage = Stage.SERVICE
) -> Program:
    command = python_command(folder, (name, role), folder.log(name, role), env)
    return http_program(name, role, stage, ports.of[name, role], command, "/health/ready")


def _tool(folder: RunFolder, ports: Ports, name: str, module: tuple[str, ...], env: Mapping[str, str]) -> Program:
    command = python_command(folder, module, folder.log(name, "api"), env)
    return http_program(name, "api", Stage.TOOL, ports.of[name, "api"], command, "/health/live")


def python_command(folder: RunFolder, arguments: tuple[str, ...], log: Path, env: Mapping[str, str]) -> Command:
    """`python -m arguments…` with its output in `log`."""
    return Command((sys.executable, "-m", *arguments), folder.path, log, {**env, **SMALL})
