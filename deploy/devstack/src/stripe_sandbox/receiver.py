"""A receiver of webhooks for tests, which keeps what comes and refuses on demand."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple

_WAIT_SECONDS = 60.0


class Arrival(NamedTuple):
    """One delivery as it came in: its exact bytes, its signature, and the event within."""

    body: bytes
    signature: str
    event: dict[str, Any]


class _Server(ThreadingHTTPServer):
    """Lets all deliveries in at once, however busy this process is."""

    request_queue_size = 100
    daemon_threads = True


class WebhookReceiver:
    """Listens on a free port of 127.0.0.1 at `url` while it is open as a context manager."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrivals: list[Arrival] = []
        self._refusals = 0
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def __enter__(self) -> "WebhookReceiver":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def refuse(self, times: int) -> None:
        """Answer 503 to that many deliveries from now on; they are not kept."""
        with self._changed:
            self._refusals = times

    def types(self) -> list[str]:
        """The types of the events received, in the order they came."""
        return [arrival.event["type"] for arrival in self._arrivals]

    def told(self) -> list[str]:
        """The types of the events received, each event once, however often it was delivered."""
        return list({arrival.event["id"]: arrival.event["type"] for arrival in self._arrivals}.values())

    def arrivals(self, kind: str, *, at_least: int = 1) -> list[Arrival]:
        """Those of a type, once so many have come; raises TimeoutError if they don't."""
        self.wait_until(lambda: self.types().count(kind) >= at_least)
        return [arrival for arrival in self._arrivals if arrival.event["type"] == kind]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, _WAIT_SECONDS):
                raise TimeoutError(f"Received so far: {dict(Counter(self.types()))}")

    def _receive(self, body: bytes, signature: str) -> int:
        with self._changed:
            if self._refusals:
                self._refusals -= 1
                status = 503
            else:
                self._arrivals.append(Arrival(body, signature, json.loads(body)))
                status = 200
            self._changed.notify_all()
            return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receive = self._receive

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receive(body, self.headers["Stripe-Signature"]))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler
