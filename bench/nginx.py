"""The gateway against nginx: both pass the same requests on to the same trivial server, one process each."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from urllib.request import urlopen

from devstack import SERVICES
from shared.testing.servers import free_port
from shared.testing.servers.process import die_with_parent, end
from shared.testing.waiting import wait_until

from bench.cpu import Reading
from bench.load import Figures, Request, put_load
from bench.stack import Stack
from bench.tools import program

ANSWER_BYTES = 1600
TARGET_RATIO = 0.2
CONNECTIONS = 16
CLIENTS = 3000
"""So many that none of them reaches 30 requests a minute, which is the limit of the route."""

HTTP = """
worker_processes 1;
daemon off;
{user}
pid {folder}/{name}.pid;
error_log {folder}/{name}.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/{name}.body;
  proxy_temp_path {folder}/{name}.proxy;
  fastcgi_temp_path {folder}/{name}.fastcgi;
  uwsgi_temp_path {folder}/{name}.uwsgi;
  scgi_temp_path {folder}/{name}.scgi;
{content}
}}
"""
ORIGIN = """
  default_type application/json;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 '{answer}'; }} }}
"""
PROXY = """
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
"""


@dataclass(frozen=True, slots=True)
class Passing:
    """How one proxy did: its own CPU milliseconds per request; for the gateway `valkey_ms` as well."""

    load: Figures
    cpu_ms: float
    valkey_ms: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """nginx and the gateway with the same answers of 1.6 KB; session and limits are what the gateway adds."""

    nginx: Passing
    gateway: Passing
    gateway_public: Passing

    @property
    def ratio(self) -> float:
        """Requests per second of the gateway, session and limits on, as a part of nginx's."""
        return self.gateway.load.per_second / self.nginx.load.per_second


async def compare(stack: Stack, session_cookie: str, seconds: float) -> Comparison:
    """Measure all three, one after another. Raises NotInstalled without nginx, LoadFailed, ProcessChanged."""
    valkey = {"valkey": stack.pids()["redis"]}
    personal = [Request.get("/api/bookings/booking-status/TT-20260101-0001/", {"Cookie": session_cookie})]
    public = [Request.get("/api/bookings/services/")]
    with ExitStack() as servers:
        origin = free_port()
        answer = f'{{"padding": "{"x" * (ANSWER_BYTES - 15)}"}}'
        servers.enter_context(_nginx(stack.folder, "origin", origin, ORIGIN.format(port=origin, answer=answer)))
        port = free_port()
        nginx = servers.enter_context(_nginx(stack.folder, "proxy", port, PROXY.format(port=port, origin=origin)))
        address = free_port()
        gateway = servers.enter_context(_gateway(stack, address, origin))
        return Comparison(
            await _pass(port, {"proxy": nginx} | valkey, personal, seconds),
            await _pass(address, {"proxy": gateway} | valkey, personal, seconds),
            await _pass(address, {"proxy": gateway} | valkey, public, seconds),
        )


async def _pass(port: int, pids: dict[str, int], requests: Sequence[Request], seconds: float) -> Passing:
    url = f"http://127.0.0.1:{port}"
    await put_load(url, requests, 1, CONNECTIONS, CLIENTS)
    before = Reading.take(pids)
    figures = await put_load(url, requests, seconds, CONNECTIONS, CLIENTS)
    spent = Reading.take(pids).since(before)
    cost = {name: cpu * 1000 / figures.requests for name, cpu in spent.items()}
    return Passing(figures, cost["proxy"], cost["valkey"])


@contextmanager
def _nginx(folder: Path, name: str, port: int, content: str) -> Iterator[int]:
    """An nginx of our own on `port`; gives its pid."""
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / f"{name}.conf"
    config.write_text(HTTP.format(user=user, folder=folder, name=name, content=content))
    command = (str(program("nginx")), "-p", str(folder), "-c", str(config), "-e", str(folder / f"{name}.log"))
    with _running(command, dict(os.environ), folder / f"{name}.out", port, "/") as pid:
        yield pid


@contextmanager
def _gateway(stack: Stack, port: int, origin: int) -> Iterator[int]:
    """A second gateway with the settings, sessions and limits of the stack's, in front of another upstream."""
    first = Path(f"/proc/{stack.pids()['gateway api']}/environ").read_bytes().decode()
    env = dict(pair.split("=", 1) for pair in first.split("\0") if pair)
    env |= {f"{service.upper()}_URL": f"http://127.0.0.1:{origin}" for service in SERVICES} | {"PORT": str(port)}
    command = (sys.executable, "-m", "gateway", "api")
    with _running(command, env, stack.folder / "second-gateway.log", port, "/health/live") as pid:
        yield pid


@contextmanager
def _running(command: Sequence[str], env: dict[str, str], log: Path, port: int, path: str) -> Iterator[int]:
    """A program that dies with us, from its first answer on `path` to the end of the block; gives its pid."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, preexec_fn=die_with_parent(SIGTERM))
    try:
        wait_until(lambda: _answers(port, path), 15, f"{command[0]} to answer ({log} says why not)")
        yield process.pid
    finally:
        end(process, SIGTERM, 10)


def _answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
            return True
    except OSError:
        return False
