"""A private PostgreSQL with a role and a database for each service."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
from psycopg import sql

from shared.testing.servers.postgres_files import (
    binary,
    create_cluster,
    hand_over,
    is_deserted,
    remove_stale_pid_file,
    system_user,
)
from shared.testing.servers.process import Command
from shared.testing.servers.server import EmbeddedServer
from shared.testing.waiting import NeverHappened, wait_until

# What a crash of the machine would cost is nothing to a test's data, and every commit is several times faster. Commits
# are still written at once, so that a kill of the server costs nothing.
FAST_BUT_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


# A deadlock has to be found well before those in it give up waiting, on a machine that stands still for a while too.
DEADLOCK_TIMEOUT = "300ms"


class PostgresServer(EmbeddedServer):
    """Password logins over TCP only."""

    name = "postgres"
    stop_timeout = 20.0

    def __init__(self, folder: Path, port: int | None = None, durable: bool = True) -> None:
        """As any EmbeddedServer."""
        super().__init__(folder, port, durable)
        self.user = system_user()
        self._administration: psycopg.Connection[Any] | None = None
        self._lock = Lock()

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.folder / "data"

    def superuser_url(self, database: str = "postgres") -> str:
        """The superuser's address of a database."""
        return self.url_for("postgres", self.password, database)

    def url_for(self, role: str, password: str, database: str) -> str:
        """A `postgresql://` address on this server."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Create the cluster when there is none, and survive what a kill left behind."""
        self._administration = None
        hand_over(self.folder, self.user)
        if (self.data / "global" / "pg_control").exists():
            with suppress(NeverHappened):  # then PostgreSQL itself says why it can't start
                wait_until(lambda: is_deserted(self.data), 30)
            remove_stale_pid_file(self.data)
        else:
            create_cluster(self.data, self.password, self.user)

    def command(self) -> Command:
        """How to start it; SIGINT is its fast stop, which ends sessions instead of waiting for them."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "deadlock_timeout": DEADLOCK_TIMEOUT,
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        if sys.platform == "linux":
            # After a crash one call for the whole file system, not one for each of a thousand files.
            settings["recovery_init_sync_method"] = "syncfs"
        if not self.durable:
            settings |= FAST_BUT_FORGETFUL
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        argv = (str(binary("postgres")), "-D", str(self.data), *options)
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        return Command(argv, self.folder, self.log, env, self.user, signal.SIGINT)

    def is_ready(self) -> bool:
        """Whether the superuser can log in."""
        try:
            psycopg.connect(self.superuser_url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_role_and_database(self, name: str, password: str | None = None) -> str:
        """A login role `name` that owns a database of the same name, which no other role may enter.

        Returns its address. Safe to repeat: what exists is kept, only the password is set again.
        """
        password = password or self.password
        role, secret = sql.Identifier(name), sql.Literal(password)
        if not self._exists("SELECT 1 FROM pg_roles WHERE rolname = %s", name):
            self.execute(sql.SQL("CREATE ROLE {} LOGIN NOCREATEDB NOCREATEROLE").format(role))
        self.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, secret))
        if not self.has_database(name):
            self.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        self.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
        return self.url_for(name, password, name)

    def clone(self, template: str, name: str) -> str:
        """A copy of `template` under `name`, owned by the template's role; returns that role's address of it.

        Nobody may be connected to the template meanwhile: `close_to_clients` sees to that.
        """
        copy, original = sql.Identifier(name), sql.Identifier(template)
        # Copying files takes half of what writing each page to the log takes.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
        self.execute(create.format(copy, original, original))
        self.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(copy))
        return self.url_for(template, self.password, name)

    def close_to_clients(self, name: str) -> None:
        """Throw everybody out of a database and let nobody in again, as a template for `clone` needs it."""
        self.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        self.throw_out(name)

    def throw_out(self, name: str) -> None:
        """End all sessions in a database."""
        sessions = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        wait_until(lambda: not self._exists(sessions, name), what=f"everybody to leave {name}")

    def rename(self, name: str, new_name: str) -> None:
        """Give a database another name; nobody may be connected to it."""
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(new_name)))

    def drop(self, name: str) -> None:
        """Remove a database and throw out who is connected to it; a missing one is fine."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def has_database(self, name: str) -> bool:
        """Whether a database of this name exists."""
        return self._exists("SELECT 1 FROM pg_database WHERE datname = %s", name)

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement as superuser in the database `postgres`."""
        with self._lock:
            self._connection().execute(statement)

    def _exists(self, query: str, name: str) -> bool:
        with self._lock:
            return self._connection().execute(query.encode(), [name]).fetchone() is not None

    def _connection(self) -> "psycopg.Connection[Any]":
        if self._administration is None or self._administration.closed or self._administration.broken:
            self._administration = psycopg.connect(self.superuser_url(), autocommit=True)
        return self._administration
