"""A person's browser: cookies, the CSRF header, and patience when the gateway says that it is too much."""

import json
from datetime import UTC, datetime
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.cookiejar import CookieJar
from ipaddress import IPv4Address
from secrets import randbelow
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import BaseHandler, HTTPCookieProcessor, HTTPHandler, OpenerDirector, Request, build_opener

from devstack.demo.broken import PromiseBroken
from devstack.demo.stage import Stage

TIMEOUT_SECONDS = 15.0
CSRF_COOKIE = "csrftoken"


class Browser:
    """Talks to the gateway as one visitor, from an address of their own where the gateway is on this machine.

    `last_headers` are those of the last answer, `last_asked_at` is when its request was sent.
    """

    def __init__(self, gateway_url: str, stage: Stage) -> None:
        self._url = gateway_url
        self._stage = stage
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies), *_computer_of_its_own(gateway_url))
        self.last_headers: Message[str, str] = Message()
        self.last_asked_at = datetime.now(UTC)

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises PromiseBroken for anything but success."""
        return self._call(Request(self._url + path), 200)

    def post(self, path: str, body: Any, idempotency_key: str = "", expected: int = 200) -> Any:
        """The JSON answer to a JSON document. Raises PromiseBroken unless it comes with the status `expected`."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._csrf_token()}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return self._call(Request(self._url + path, json.dumps(body).encode(), headers), expected)

    def _csrf_token(self) -> str:
        """The token that goes with this visitor's session; asked for once."""
        for _ in range(2):
            for cookie in self._cookies:
                if cookie.name == CSRF_COOKIE and cookie.value:
                    return cookie.value
            self.get("/api/customers/csrf-token/")
        raise PromiseBroken("The gateway gives no CSRF token.")

    def _call(self, request: Request, expected: int) -> Any:
        while True:
            self.last_asked_at = datetime.now(UTC)
            status, headers, body = send(self._opener, request)
            if status != 429:
                break
            self._stage.wait(float(headers.get("Retry-After", "1")), "the gateway asks us to come again later.")
        self.last_headers = headers
        if status != expected:
            what = f"{request.get_method()} {request.full_url.removeprefix(self._url)}"
            raise PromiseBroken(f"{what} was answered with {status} instead of {expected}: {body.decode()}")
        return json.loads(body)


class _Computer(HTTPHandler):
    """Connects from an address of this machine that nobody else uses."""

    def __init__(self, address: IPv4Address) -> None:
        super().__init__()
        self._connection = partial(HTTPConnection, source_address=(str(address), 0))

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connection, req)


def _computer_of_its_own(gateway_url: str) -> list[BaseHandler]:
    """The limits are those of an address: visitors who shared one would wait for each other, and for the next demo."""
    if not (urlsplit(gateway_url).hostname or "").startswith("127."):
        return []
    return [_Computer(IPv4Address("127.1.0.0") + randbelow(200 << 16))]


def send(opener: OpenerDirector, request: Request) -> "tuple[int, Message[str, str], bytes]":
    """Status, headers and body of the answer, whatever it says. Raises PromiseBroken when there is none."""
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()
    except (URLError, OSError) as reason:
        raise PromiseBroken(f"No answer from {request.full_url}: {reason}") from None


class CardForm:
    """The card form in the browser: speaks to Stripe itself, with the publishable key and the intent's secret."""

    def __init__(self, stripe: dict[str, str]) -> None:
        self._api = stripe["api_base"]
        self._key = stripe["publishable_key"]
        self._opener = build_opener()

    def pay(self, intent: dict[str, Any], card: str) -> dict[str, Any]:
        """Confirm the intent with a card; Stripe's answer, which is the intent or holds an `error`."""
        form = {"client_secret": intent["client_secret"], "payment_method": card}
        return self._post(f"{self._api}/v1/payment_intents/{intent['id']}/confirm", {"key": self._key, **form})

    def pass_challenge(self, page: str) -> dict[str, Any]:
        """The cardholder says to the bank that it is them."""
        return self._post(page, {"outcome": "succeed"})

    def _post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        _, _, body = send(self._opener, Request(url, urlencode(form).encode()))
        return dict(json.loads(body))
