"""One start of the whole system: servers, logins, migrations, processes; then keep it alive until told to stop."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from shared.testing.servers import ServerFailed
from shared.testing.servers.process import last_lines

from devstack import SERVICES
from devstack.environment import Environments
from devstack.folder import RunFolder, report
from devstack.infrastructure import Addresses, choose_infrastructure, create_logins
from devstack.preparing import Migrator, create_admin
from devstack.processes import all_programs, choose_ports
from devstack.program import Program, server_program
from devstack.stack_file import fixed_content, write_stack_file
from devstack.supervisor import Supervisor

SERVERS_TIMEOUT = 130.0
PROCESSES_TIMEOUT = 130.0


class Stack:
    """A run folder's processes, from the first server to the last page."""

    def __init__(self, folder: RunFolder) -> None:
        """Nothing runs yet. Raises AlreadyRunning, and NotInstalled without RabbitMQ."""
        folder.lock()
        self._began = time.monotonic()
        self._folder = folder
        self._ports = choose_ports(folder, os.environ)
        self._infrastructure = choose_infrastructure(folder, os.environ)
        self._environments = Environments(folder, os.environ, self._ports)
        self._programs: list[Program] = []
        self._content: dict[str, Any] = {}
        self._supervisor = Supervisor(self._write_stack_file)

    async def run(self, on_ready: Callable[[bool], None]) -> None:
        """Start all, call `on_ready(whether all answer)`, keep all alive until SIGTERM or Ctrl-C, stop all.

        Raises ServerFailed when a server does not come up.
        """
        stop = asyncio.Event()
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        start = asyncio.create_task(self._start(on_ready))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({start, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                await stopped
        finally:
            await self._stop(start)

    async def _start(self, on_ready: Callable[[bool], None]) -> None:
        migrator = Migrator(self._folder, self._environments.plain)
        self._start_servers()
        await migrator.begin()
        await self._wait_for_servers()
        addresses = await asyncio.to_thread(create_logins, self._infrastructure, self._folder)
        self._tell("databases and logins are there")
        environments = {name: self._environments.service(name, "api", addresses) for name in SERVICES}
        if await migrator.finish(environments):
            self._tell("databases are migrated")
        late = await self._start_processes(addresses)
        await create_admin(self._folder, environments["customers"])
        self._tell("all processes answer" if not late else f"no answer from {', '.join(p.title for p in late)}")
        on_ready(not late)

    def _start_servers(self) -> None:
        self._servers = [server_program(server) for server in self._infrastructure.servers]
        self._supervisor.start(self._servers)
        if self._servers:
            self._tell(f"starting {', '.join(program.name for program in self._servers)}")

    async def _wait_for_servers(self) -> None:
        late = await self._supervisor.not_ready_after(self._servers, SERVERS_TIMEOUT)
        for program in late:
            log = program.command().log
            raise ServerFailed(f"{program.name} does not answer, {log}:\n{last_lines(log)}")

    async def _start_processes(self, addresses: Addresses) -> Sequence[Program]:
        self._programs = all_programs(self._folder, self._environments, addresses, self._ports)
        self._content = fixed_content(self._folder, self._infrastructure, self._environments, addresses, self._ports)
        self._supervisor.start(self._programs)
        self._tell(f"starting {len(self._programs)} processes")
        return await self._supervisor.not_ready_after(self._programs, PROCESSES_TIMEOUT)

    async def _stop(self, start: "asyncio.Task[None]") -> None:
        report("Stopping …")
        start.cancel()
        with suppress(asyncio.CancelledError, ServerFailed):
            await start
        await self._supervisor.stop()
        self._folder.stack_file.unlink(missing_ok=True)
        report("Stopped.")

    def _write_stack_file(self) -> None:
        if self._content:
            write_stack_file(self._folder, self._supervisor, self._programs, self._content)

    def _tell(self, what: str) -> None:
        report(f"{time.monotonic() - self._began:5.1f} s  {what}")
