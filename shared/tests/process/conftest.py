"""Databases with the machinery's tables, and a probe service run as real processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from shared.db.migrations import migrate
from shared.http.identity import Caller, TokenIssuer
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.operations import declare_queues
from shared.testing.collector import Collector, collecting
from shared.testing.servers.ports import answers, free_port
from shared.testing.service import BOOKING_KEY, GATEWAY_KEY, PUBLIC_KEYS
from shared.testing.waiting import wait_until, wait_until_async

from .probe_service import HOLD

HERE = Path(__file__).parent
PATIENCE = 120.0


@pytest.fixture
def database_url(database_factory: Callable[..., str], tmp_path: Path) -> str:
    return database_factory("machinery", lambda url: migrate(url, tmp_path))


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


async def are_declared(rabbitmq_url: str) -> bool:
    """Declares the queues; a broker on a slow machine may need more than one attempt."""
    try:
        await declare_queues("booking", rabbitmq_url)
    except BROKER_ERRORS:
        return False
    return True


class Process:
    """One process of the probe service."""

    def __init__(self, role: str, port: int, log: Path, environment: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        command = [sys.executable, str(HERE / "probe_service.py"), role]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, env={**os.environ, **environment, "PORT": str(port)}, stdout=output, stderr=output
            )

    def is_live(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def exit_code(self, timeout: float = PATIENCE) -> int:
        return self._process.wait(timeout)

    def serves(self) -> bool:
        """Whether it takes connections; one that was told to stop does not."""
        return answers(int(self.url.rpartition(":")[2]))

    def health(self, kind: str = "ready") -> tuple[int, dict[str, str]]:
        answer = httpx.get(f"{self.url}/health/{kind}", timeout=PATIENCE)
        return answer.status_code, answer.json()["checks"]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def log(self) -> list[dict[str, Any]]:
        whole_lines = self._log.read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in whole_lines if line.startswith("{")]


class Probe:
    """The probe service: its database, and its processes as a test starts them."""

    def __init__(self, database_url: str, rabbitmq_url: str, folder: Path) -> None:
        self.database_url = database_url
        self._folder = folder
        self._ports = {"api": free_port(), "worker": free_port()}
        self._processes: list[Process] = []
        self._environment = {
            "DEBUG": "true",
            "DATABASE_URL": database_url,
            "RABBITMQ_URL": rabbitmq_url,
            "IDENTITY_PUBLIC_KEYS": PUBLIC_KEYS,
            "IDENTITY_PRIVATE_KEY": BOOKING_KEY,
            "OWN_URL": f"http://127.0.0.1:{self._ports['api']}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }

    def start(self, role: str, wait: bool = True, **environment: str) -> Process:
        log = self._folder / f"{role}-{len(self._processes)}.log"
        process = Process(role, self._ports[role], log, {**self._environment, **environment})
        self._processes.append(process)
        if wait:
            wait_until(process.is_live, PATIENCE, f"the {role}")
        return process

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        token = TokenIssuer("gateway", GATEWAY_KEY).issue(Caller(), "booking")
        url = f"http://127.0.0.1:{self._ports['api']}{path}"
        return httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}", **headers}, timeout=PATIENCE)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def until(self, statement: str) -> list[tuple[Any, ...]]:
        """Waits until the query has an answer."""
        return wait_until(lambda: self.query(statement), PATIENCE, statement)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """While the block runs, whoever handles a slow message waits for its end."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (HOLD,))
            yield

    def processes(self) -> list[Process]:
        return list(self._processes)

    def log(self, role: str) -> list[dict[str, Any]]:
        return [entry for process in self._processes for entry in process.log() if entry["service"].endswith(role)]

    def kill_all(self) -> None:
        for process in self._processes:
            process.kill()


@pytest.fixture
def probe(database_factory: Callable[..., str], rabbitmq_url: str, tmp_path: Path) -> Iterator[Probe]:
    url = database_factory("probe_process", lambda template: migrate(template, HERE / "versions"))
    asyncio.run(wait_until_async(lambda: are_declared(rabbitmq_url), what="the queues"))
    probe = Probe(url, rabbitmq_url, tmp_path)
    yield probe
    probe.kill_all()
