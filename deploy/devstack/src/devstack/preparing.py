"""What happens between the servers' start and the services': migrations, and once the development login."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from signal import SIGKILL

from shared.testing.servers.process import die_with_parent, last_lines

from devstack.folder import RunFolder, report

ADMIN_EMAIL = "admin@totetaxi.test"
ADMIN_NAMES = ("--first-name", "Ada", "--last-name", "Admin")


class Migrator:
    """All databases' migrations, in a process that imports the services while the servers still start."""

    def __init__(self, folder: RunFolder, environment: Mapping[str, str]) -> None:
        """Nothing runs yet."""
        self._folder = folder
        self._log = folder.log("migrations", "once")
        self._environment = environment
        self._process: Process | None = None

    async def begin(self) -> None:
        """Start it; it waits for the databases' addresses."""
        self._process = await run_python(self._folder, "migrations", ("devstack.migrate",), self._environment)

    async def finish(self, environments: Mapping[str, Mapping[str, str]]) -> bool:
        """Migrate with these environments of the services; whether all went well."""
        if self._process is None:
            await self.begin()
            return await self.finish(environments)
        await self._process.communicate(json.dumps(environments).encode())
        if self._process.returncode:
            report(f"Migrations failed, {self._log}:\n{last_lines(self._log)}")
        return self._process.returncode == 0


def admin_login(folder: RunFolder) -> dict[str, str]:
    """The development administrator's e-mail and password."""
    return {"email": ADMIN_EMAIL, "password": folder.secret("administrator's password")}


async def create_admin(folder: RunFolder, environment: Mapping[str, str]) -> None:
    """Create the development administrator by the customers service's own command, once for each database."""
    if folder.secret("administrator of", lambda: "") == environment["DATABASE_URL"]:
        return
    arguments = ("customers", "staff", "create", "--email", ADMIN_EMAIL, "--role", "admin", *ADMIN_NAMES)
    password = admin_login(folder)["password"]
    process = await run_python(folder, "admin", arguments, {**environment, "STAFF_PASSWORD": password})
    await process.communicate()
    if process.returncode:
        log = folder.log("admin", "once")
        report(f"The development administrator could not be created, {log}:\n{last_lines(log, 3)}")
    else:
        folder.replace_secret("administrator of", environment["DATABASE_URL"])


async def run_python(folder: RunFolder, name: str, arguments: tuple[str, ...], env: Mapping[str, str]) -> Process:
    """Start `python -m arguments…` with its output in the log of `name` and a pipe to its input."""
    with folder.log(name, "once").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            stdin=PIPE,
            stdout=log,
            stderr=STDOUT,
            env=dict(env),
            start_new_session=True,
            preexec_fn=die_with_parent(SIGKILL),
        )
