"""A private RabbitMQ node, from the system's package."""

import os
from pathlib import Path
from urllib.parse import quote

from shared.testing.servers.install import eatmydata, rabbitmq_program
from shared.testing.servers.ports import answers, free_port
from shared.testing.servers.process import Command
from shared.testing.servers.rabbitmq_management import RabbitManagement
from shared.testing.servers.server import EmbeddedServer

ADMINISTRATOR = "administrator"
# Two schedulers and few threads: a development broker would otherwise start dozens on a big machine. Without busy
# waiting an idle broker takes well under 1 % of a core.
ERLANG = "+S 2:2 +SDcpu 1:1 +SDio 4 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none"


class RabbitServer(EmbeddedServer):
    """A node with its own name, ports, cookie and data; nothing of a system-wide RabbitMQ is touched.

    It runs as ourselves and without epmd, the port mapper that Erlang nodes usually share and that would outlive them.
    """

    name = "rabbitmq"
    # The queues are safely on disk at once; what takes longer is the management plugin's wait for its statistics.
    stop_timeout = 2.5

    def __init__(self, folder: Path, port: int | None = None, durable: bool = True) -> None:
        """As any EmbeddedServer; without eatmydata, which apt may not have, it waits for the disk in any case."""
        super().__init__(folder, port, durable)
        self.program = rabbitmq_program()
        self.management_port = free_port()
        self.distribution_port = free_port()

    @property
    def management(self) -> RabbitManagement:
        """Its management interface, with all rights."""
        return RabbitManagement(self.management_port, ADMINISTRATOR, self.password)

    def url(self, vhost: str = "/", user: str = ADMINISTRATOR, password: str | None = None) -> str:
        """The `amqp://` address of a virtual host, by default with the administrator's login."""
        login = f"{user}:{quote(password or self.password, safe='')}"
        return f"amqp://{login}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def create_vhost(self, name: str) -> str:
        """A virtual host in which the administrator may do everything; returns its address. Takes about 20 ms."""
        self.management.create_vhost(name, ADMINISTRATOR)
        return self.url(name)

    def prepare(self) -> None:
        """Write the configuration."""
        (self.folder / "home").mkdir(exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        config = self.folder / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}\n"
            f"default_user = {ADMINISTRATOR}\ndefault_pass = {self.password}\ndefault_user_tags.administrator = true\n"
            "vm_memory_high_watermark.absolute = 1GB\ndisk_free_limit.absolute = 100MB\n"
            "log.console = true\nlog.console.level = info\nlog.file = false\n"
        )

    def command(self) -> Command:
        """How to start it."""
        return Command((str(self.program),), self.folder, self.log, self._environment())

    def is_ready(self) -> bool:
        """Whether both clients and administrators are let in."""
        return answers(self.port) and self.management.is_up()

    def quorum_queues_are_on_disk(self) -> bool:
        """Whether every quorum queue declared so far would come back after a kill.

        The node writes its register of them about a second later than it says so; a queue whose node is killed before
        that is found again after the restart, but never answers.
        """
        queues = list((self.folder / "data").glob("*/quorum/*/*/"))
        return all(
            queue.name.encode() in (queue.parent / file).read_bytes()
            for queue in queues
            for file in ("names.dets", "meta.dets")
        )

    def _environment(self) -> dict[str, str]:
        shortcut = None if self.durable else eatmydata()
        preload = {"LD_PRELOAD": str(shortcut)} if shortcut else {}
        node = f"totetaxi{self.port}@localhost"
        distribution = (
            f"-sname {node} -start_epmd false -erl_epmd_port {self.distribution_port} "
            "-kernel inet_dist_use_interface {127,0,0,1}"
        )
        return preload | {
            "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-such-file.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "rabbitmq.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{ERLANG} {distribution}",
            # Together these make the start script replace itself by the server, whose signals and pid we want.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
        }
