"""The gateway as a real process, between a real Valkey and a small program that stands in for the services."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import orjson
import pytest
import uvicorn
from gateway.valkey import Valkey
from shared.http.identity import (
    Caller,
    TokenIssuer,
    TokenVerifier,
    generate_private_key,
    parse_public_keys,
    public_key_of,
)
from shared.testing.servers import ValkeyServer
from shared.testing.waiting import wait_until

PATIENCE = 60
"""Seconds; nothing here takes one on a machine that has nothing else to do."""
PATIENT = Path(__file__).parent / "patient.py"
SERVICES = ("booking", "catalog", "payments", "customers", "notifications")
GATEWAY_KEY = generate_private_key()
CUSTOMERS_KEY = generate_private_key()
BOOKING_KEY = generate_private_key()
PUBLIC_KEYS = ",".join(
    f"{name}={public_key_of(key)}"
    for name, key in (("gateway", GATEWAY_KEY), ("customers", CUSTOMERS_KEY), ("booking", BOOKING_KEY))
)


@dataclass
class Recorded:
    """A request as it arrived at a service."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    raw_headers: list[tuple[bytes, bytes]]
    body: bytes

    def caller(self, audience: str) -> Caller:
        """Who the gateway says this is from, as the service `audience` would verify it."""
        verifier = TokenVerifier(audience, parse_public_keys(PUBLIC_KEYS))
        return verifier.verify(self.headers["authorization"].removeprefix("Bearer "))


Send = Callable[[dict[str, Any]], Awaitable[None]]
Behaviour = Callable[[Recorded, Send], Awaitable[None]]


def reply(status: int = 200, content: Any = None, headers: dict[str, str] | None = None) -> Behaviour:
    """A service that answers every request so."""
    body = orjson.dumps(content if content is not None else {"ok": True})
    pairs = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}

    async def behave(recorded: Recorded, send: Send) -> None:
        raw = [(name.encode(), value.encode()) for name, value in pairs.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return behave


class Held:
    """A service that answers only when it is told to; `entered` and `finished` count its requests."""

    def __init__(self, answer: Behaviour) -> None:
        self.entered, self.finished = threading.Semaphore(0), threading.Semaphore(0)
        self._release: Future[None] = Future()
        self._answer = answer

    async def __call__(self, recorded: Recorded, send: Send) -> None:
        self.entered.release()
        await asyncio.wrap_future(self._release)
        await self._answer(recorded, send)
        self.finished.release()

    def release(self) -> None:
        """Answers all that wait, and from now on at once."""
        self._release.set_result(None)


def reserved_socket() -> socket.socket:
    """A socket with a port of its own that nobody else gets; who asks there is refused until somebody listens."""
    reserved = socket.socket()
    reserved.bind(("127.0.0.1", 0))
    return reserved


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a service that does not run."""
    with reserved_socket() as reserved:
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


@dataclass
class Services:
    """One program that plays all services and keeps what it was asked."""

    url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    behaviour: Behaviour = field(default_factory=reply)
    pages: dict[str, Behaviour] = field(default_factory=dict)

    def hold(self, answer: Behaviour | None = None) -> Held:
        """From now on requests are answered only when they are released."""
        held = self.behaviour = Held(answer or reply(201, {"done": True}))
        return held

    def make_reply(self, status: int = 200, content: Any = None, headers: dict[str, str] | None = None) -> Behaviour:
        return reply(status, content, headers)

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    def reset(self) -> None:
        self.requests.clear()
        self.behaviour = reply()
        self.pages.clear()

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["raw_path"].decode()
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        recorded = Recorded(scope["method"], path, scope["query_string"].decode(), headers, scope["headers"], body)
        page = self.pages.get(path)
        if page is None:
            self.requests.append(recorded)
        await (page or self.behaviour)(recorded, send)


@contextmanager
def serving(application: Any, **options: Any) -> Iterator[str]:
    """The application's address; its server is a thread with a loop of its own, so that tests can block."""
    with reserved_socket() as listening:
        server = uvicorn.Server(uvicorn.Config(application, ws="none", log_level="error", **options))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        wait_until(lambda: server.started, PATIENCE, "the server in this process")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(15)


@pytest.fixture
def serve_here() -> Callable[..., AbstractContextManager[str]]:
    """Serves an application in this process."""
    return serving


@pytest.fixture(scope="session")
def services_program() -> Iterator[Services]:
    """Plays all services. As with those, the one who closes an idle connection is always the gateway."""
    services = Services()
    with serving(services, lifespan="off", timeout_keep_alive=75) as services.url:
        yield services


@pytest.fixture
def services(services_program: Services) -> Services:
    """The services, with nothing recorded and the usual answers."""
    services_program.reset()
    return services_program


@dataclass
class GatewayProcess:
    """A running gateway."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> httpx.Client:
        """A browser of its own, with its own cookies."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE, **options)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """What it ends with, as it was told to."""
        return self.process.wait(PATIENCE)

    def is_live(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


class StartGateway(Protocol):
    """Starts a gateway; `bounds` are those of `patient.py` that it shall have, further settings by their names."""

    def __call__(self, bounds: Mapping[str, float] | None = None, **settings: str) -> GatewayProcess: ...


def _start(
    folder: Path, redis: str, upstream: str, settings: dict[str, str], bounds: Mapping[str, float] | None = None
) -> GatewayProcess:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OTEL_")},
        "DEBUG": "true",
        "SECRET_KEY": "gateway tests' own secret, long enough",
        "REDIS_URL": redis,
        "IDENTITY_PRIVATE_KEY": GATEWAY_KEY,
        "IDENTITY_PUBLIC_KEYS": PUBLIC_KEYS,
        "TRUSTED_PROXIES": "127.0.0.0/8,10.0.0.0/8",
        "CORS_ALLOWED_ORIGINS": "https://app.totetaxi.test",
        **{f"{name.upper()}_URL": upstream for name in SERVICES},
        **settings,
    }
    with reserved_socket() as listening:
        port, descriptor = listening.getsockname()[1], listening.fileno()
        log = folder / f"gateway-{port}.log"
        with log.open("wb") as output:
            command = [sys.executable, str(PATIENT), str(descriptor), json.dumps(bounds or {})]
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, pass_fds=[descriptor])
    gateway = GatewayProcess(port, process, log)
    wait_until(lambda: gateway.is_live() or process.poll() is not None, 2 * PATIENCE, "the gateway to live")
    assert process.poll() is None, log.read_text()
    return gateway


def _stop(gateway: GatewayProcess) -> None:
    gateway.process.kill()
    gateway.process.wait()


@pytest.fixture(autouse=True)
def _time_for_slow_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs of the gateway within the test is as patient as `patient.py`."""
    monkeypatch.setattr("gateway.valkey.TIMEOUT", PATIENCE)
    monkeypatch.setattr("gateway.http1.pool.CONNECT_SECONDS", PATIENCE)


@pytest.fixture
def in_process_settings() -> dict[str, Any]:
    """Settings of a gateway that runs within the test."""
    return {
        "debug": True,
        "secret_key": "gateway tests' own secret, long enough",
        "identity_private_key": GATEWAY_KEY,
        "identity_public_keys": PUBLIC_KEYS,
    }


@pytest.fixture(scope="session")
def shared_gateway(
    valkey_server: ValkeyServer, services_program: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """One gateway for all tests that leave it as it was."""
    gateway = _start(tmp_path_factory.mktemp("gateway"), valkey_server.url, services_program.url, {})
    yield gateway
    _stop(gateway)


@pytest.fixture
def gateway(shared_gateway: GatewayProcess, redis_url: str, services: Services) -> GatewayProcess:
    """The gateway with an empty store."""
    return shared_gateway


@pytest.fixture
def start_gateway(redis_url: str, services: Services, tmp_path: Path) -> Iterator[StartGateway]:
    """Gateways of this test's own."""
    started: list[GatewayProcess] = []

    def start(bounds: Mapping[str, float] | None = None, **settings: str) -> GatewayProcess:
        started.append(_start(tmp_path, redis_url, services.url, settings, bounds))
        return started[-1]

    yield start
    for gateway in started:
        _stop(gateway)


@pytest.fixture
def client(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    """A visitor's browser."""
    with gateway.client() as client:
        yield client


ACCOUNT = {
    "kind": "customer",
    "version": 1,
    "access_version": 1,
    "account_id": "01900000-0000-7000-8000-000000000001",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Byron",
    "phone": "+12125550123",
    "role": "",
    "permissions": [],
}
STAFF = ACCOUNT | {
    "kind": "staff",
    "account_id": "01900000-0000-7000-8000-000000000002",
    "role": "operator",
    "permissions": ["view_bookings", "manage_bookings"],
}


@pytest.fixture
def vouching() -> Callable[..., Behaviour]:
    """A customers service that vouches for the customer, with changes, in each answer."""
    return lambda **changes: reply(200, {"message": "Done.", "session": ACCOUNT | changes})


@pytest.fixture
def store(redis_url: str) -> Callable[..., Any]:
    """One command to the store."""

    def call(*arguments: str | int) -> Any:
        async def ask() -> Any:
            valkey = Valkey(redis_url)
            try:
                return await valkey.call(*arguments)
            finally:
                await valkey.close()

        return asyncio.run(ask())

    return call


@pytest.fixture
def log_in(services: Services) -> Callable[..., httpx.Response]:
    """Logs a browser in; from then on it sends its CSRF token as our pages do."""

    def log_in(client: httpx.Client, kind: str = "customer", **changes: Any) -> httpx.Response:
        account = (STAFF if kind == "staff" else ACCOUNT) | changes
        services.behaviour = reply(200, {"message": "Welcome.", "session": account})
        path = "/api/staff/auth/login/" if kind == "staff" else "/api/customers/auth/login/"
        answer = client.post(path, json={"email": "ada@example.com", "password": "correct horse"})
        services.behaviour = reply()
        client.headers["X-CSRFToken"] = answer.json()["csrf_token"]
        return answer

    return log_in


@pytest.fixture
def service_token() -> Callable[[str], str]:
    """The token by which a service speaks to the gateway."""
    keys = {"customers": CUSTOMERS_KEY, "booking": BOOKING_KEY}

    def token(service: str) -> str:
        return TokenIssuer(service, keys[service]).issue(Caller(kind="service", service=service), "gateway")

    return token


@pytest.fixture
def end_earlier(service_token: Callable[[str], str]) -> Callable[..., httpx.Response]:
    """What the customers service asks of a gateway when an account's access has changed."""

    def end(gateway: GatewayProcess, account_id: str, access_version: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {service_token('customers')}"}
        body = {"account_id": account_id, "access_version": access_version}
        with gateway.client(headers=headers) as customers:
            return customers.post("/internal/sessions/end", json=body)

    return end
