"""Callers whose sessions are headers that a test can bend, and a way to send them anything at all."""

import random
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from yarl import URL

from .browser import Browser

JSON = "application/json"
SEVERAL = 16


@dataclass(frozen=True)
class Caller:
    """Somebody with a session, or with none."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)


GUEST = Caller("guest")


def caller_of(name: str, browser: Browser) -> Caller:
    """The session that a browser has at this moment."""
    cookies = "; ".join(f"{cookie}={value}" for cookie, value in browser.http.cookies.items())
    return Caller(name, {"Cookie": cookies, "X-CSRFToken": browser.csrf_token})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return orjson.loads(self.content)


class Sender:
    """Sends requests exactly as they are given, each from an address of its own so that no limit hides an answer."""

    def __init__(self, gateway_url: str) -> None:
        self.gateway_url = gateway_url
        self._http: aiohttp.ClientSession

    async def __aenter__(self) -> "Sender":
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SEVERAL),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(120),
            max_line_size=32_768,
            max_field_size=32_768,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def send(
        self, caller: Caller, method: str, target: str, body: bytes | None = None, content_type: str = JSON, **more: str
    ) -> Answer:
        """The answer to one request; `more` are headers with `_` for `-`."""
        headers = {"X-Forwarded-For": _some_address(), **caller.headers}
        if body is not None and content_type:
            headers["Content-Type"] = content_type
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return await self.send_raw(method, target, body, headers)

    async def send_raw(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """The answer to a request with these headers and no other ones."""
        url = URL(self.gateway_url + target, encoded=True)
        skipped = ("Content-Type", "User-Agent") if body is not None else ("User-Agent",)
        async with self._http.request(
            method, url, data=body, headers=headers, skip_auto_headers=skipped, allow_redirects=False
        ) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.read())


def _some_address() -> str:
    return f"{random.randint(20, 99)}.{random.randint(0, 255)}.{random.randint(0, 255)}.9"
