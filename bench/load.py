"""The load generator: wrk in a process of its own, a few connections that ask again as soon as they are answered."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench.tools import program

SCRIPT = Path(__file__).with_name("requests.lua")
JSON_BODY = {"Content-Type": "application/json"}
CLIENTS = 1000
"""Each sends a few requests a minute, as people do, and none reaches a limit at the speeds of one machine."""

# Each load counts its requests from another million, so that no two loads share a client or an idempotency key.
_firsts = count(1_000_000, 1_000_000)


class LoadFailed(RuntimeError):
    """The load generator did not tell its figures."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send; `{n}` in its body and headers becomes a number of its own."""

    method: str
    path: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def get(cls, path: str, headers: Mapping[str, str] | None = None) -> "Request":
        """A read."""
        return cls("GET", path, None, headers or {})

    @classmethod
    def post(cls, path: str, content: object, headers: Mapping[str, str] | None = None) -> "Request":
        """A JSON document to send."""
        return cls("POST", path, json.dumps(content), JSON_BODY | dict(headers or {}))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a load measured. `failures` are answers other than 2xx and 3xx, and requests without an answer."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failures: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


async def put_load(
    url: str, requests: Sequence[Request], seconds: float, connections: int = 8, clients: int = CLIENTS
) -> Figures:
    """Send `requests` in turn over `connections` for some seconds, from so many clients in turn. Raises LoadFailed."""
    with NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(lua(requests))
        file.flush()
        options = ("-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "15s", "-s", str(SCRIPT))
        arguments = (str(program("wrk")), *options, url, "--", file.name, str(next(_firsts)), str(clients))
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
    return parse_figures(output.decode(errors="replace"))


def parse_figures(output: str) -> Figures:
    """The figures in wrk's output. Raises LoadFailed with the output."""
    line = next((line for line in output.splitlines() if line.startswith("figures ")), None)
    if line is None:
        raise LoadFailed(output)
    requests, microseconds, p50, p99, failures = (int(word) for word in line.split()[1:])
    return Figures(requests, microseconds / 1_000_000, p50 / 1000, p99 / 1000, failures)


def lua(requests: Sequence[Request]) -> str:
    """The requests as the Lua file that the script reads."""
    return f"requests = {{\n{''.join(_lua_of(request) for request in requests)}}}\n"


def _lua_of(request: Request) -> str:
    headers = ", ".join(f"[{_quoted(name)}] = {_quoted(value)}" for name, value in request.headers.items())
    fields = [f"method = {_quoted(request.method)}", f"path = {_quoted(request.path)}", f"headers = {{ {headers} }}"]
    if request.body is not None:
        fields.append(f"body = {_quoted(request.body)}")
    return f"  {{ {', '.join(fields)} }},\n"


def _quoted(text: str) -> str:
    """A string of Lua: every byte that is not plain is written by its number."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{"".join(plain)}"'
