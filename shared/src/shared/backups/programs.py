"""PostgreSQL's own programs at work on one database.

They learn its address from their environment, since everybody on a machine can read the arguments of a program.
"""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

from psycopg.pq import Conninfo

CONNECT_SECONDS = "10"
MOST_TOLD = 1000
_BEGIN = "BEGIN;\n"
_COMMIT = "COMMIT;\n"
_DROP_ALL = "DROP OWNED BY CURRENT_USER;\n"


class BackupFailed(Exception):
    """A backup or a restore did not happen; the text says why, for operators."""


def libpq_environment(url: str) -> dict[str, str]:
    """The address of a database as the environment variables that PostgreSQL's programs read."""
    known = Conninfo.parse(url.encode())
    return {each.envvar.decode(): each.val.decode() for each in known if each.envvar and each.val is not None}


class Programs:
    """`pg_dump`, `pg_restore` and `psql` for one database."""

    def __init__(self, database_url: str, folder: str = "") -> None:
        """`folder` is where the programs are; empty for those of the PATH."""
        self._folder = folder
        self._environment = {
            "PGCONNECT_TIMEOUT": CONNECT_SECONDS,
            **os.environ,
            "LC_ALL": "C",
            **libpq_environment(database_url),
        }

    async def dump(self, file: Path) -> None:
        """Writes the whole database as of one moment, compressed. Raises `BackupFailed`."""
        await self._finish(await self._start("pg_dump", "--no-password", "--format=custom", f"--file={file}"))

    async def read_through(self, file: Path) -> None:
        """Raises `BackupFailed` when a backup is not whole: its list of contents alone would not tell."""
        await self._finish(await self._start("pg_restore", f"--file={os.devnull}", "--", str(file)))

    async def load(self, file: Path, drop_all: bool) -> None:
        """Puts a backup back in one transaction, which ends well only if the file was read to its end.

        With `drop_all` the same transaction first drops all that the role owns in the database. Raises `BackupFailed`,
        and then nothing has changed.
        """
        reading, writing = os.pipe()
        options = ("--no-password", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
        try:
            psql = await self._start("psql", *options, stdin=reading)
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        feeding = self._feed(writing, file, _BEGIN + _DROP_ALL * drop_all)
        outcomes = await asyncio.gather(self._finish(psql), feeding, return_exceptions=True)
        if failures := [outcome for outcome in outcomes if outcome is not None]:
            raise BackupFailed("\n".join(str(failure) for failure in failures)) from failures[0]

    async def _feed(self, writing: int, file: Path, beginning: str) -> None:
        try:
            os.write(writing, beginning.encode())
            options = ("--no-owner", "--no-privileges", "--file=-")
            await self._finish(await self._start("pg_restore", *options, "--", str(file), stdout=writing))
            os.write(writing, _COMMIT.encode())
        except BrokenPipeError:
            return  # psql has ended, and tells why
        finally:
            os.close(writing)

    async def _start(self, name: str, *arguments: str, **streams: Any) -> Process:
        program = shutil.which(name, path=self._folder or None)
        if program is None:
            where = f"in {self._folder}, which POSTGRES_BIN names" if self._folder else "on the PATH"
            raise BackupFailed(f"There is no {name} {where}. PostgreSQL's client programs are needed.")
        streams = {"stdin": DEVNULL, "stdout": DEVNULL, "stderr": PIPE} | streams
        return await asyncio.create_subprocess_exec(program, *arguments, env=self._environment, **streams)

    async def _finish(self, process: Process) -> None:
        try:
            _, said = await process.communicate()
        except BaseException:
            if process.returncode is None:
                process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise BackupFailed(said.decode(errors="replace").strip()[:MOST_TOLD] or "A program of PostgreSQL failed.")
