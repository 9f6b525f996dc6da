"""The HTTP server: uvicorn with bounds on request heads, answers of our own for broken ones, and a clean exit."""

import asyncio
import gc
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from shared.http.problems import PROBLEM_JSON, problem_of
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.answers import CLOSES
from gateway.intake import HEAD_BYTES, IN_ONE_PIECE, LARGEST_HEAD, TARGET
from gateway.refusals import BadRequest, GatewayRefusal, HeadersTooLarge
from gateway.request import RawHeaders, Scope
from gateway.tracing import continue_trace, new_request_id, within

HEAD_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 75
GRACEFUL_SECONDS = 8
COLLECT_AFTER_OBJECTS = 50_000


class Gathered:
    """A transport on which all that one turn of the loop writes goes out in one piece.

    The server writes an answer's head and its body one after the other, and each write is a system call that wakes the
    client.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes] = []
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Keeps `data` until the end of the turn."""
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(data)

    def close(self) -> None:
        """Sends what there is and closes the connection."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            self._transport.write(b"".join(unsent))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def write_in_one_piece(cycle: RequestResponseCycle, status: int, headers: RawHeaders, body: bytes) -> bool:
    """Writes a whole answer as the server's `send` would in two steps; false if it is left to those.

    Each write is a system call that wakes the client, and each step costs as much as routing the request does.
    """
    if cycle.disconnected or cycle.response_started or not cycle.keep_alive or cycle.flow.write_paused:
        return False
    if CLOSES in headers or cycle.scope["method"] == "HEAD":
        return False
    lines = list(map(b": ".join, (*cycle.default_headers, *headers)))
    text = b"".join(lines)
    if b"\n" in text or b"\r" in text:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.transport.write(STATUS_LINE[status] + b"\r\n".join((*lines, b"", body)))
    cycle.message_event.set()
    cycle.on_response()
    return True


class Door(HttpToolsProtocol):
    """One connection. A request's head must arrive within 10 s and be at most 16 KiB."""

    _in_head = True
    _fed = _arriving = 0
    _head_timer: asyncio.TimerHandle | None = None
    _answered_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(cast("asyncio.Transport", Gathered(transport, self.loop)))
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_timer()
        super()._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in; a head that is still incomplete is counted and timed."""
        self._arriving = len(data)
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._fed += len(data)
        if self._fed > LARGEST_HEAD:
            self._refuse(HeadersTooLarge())
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is complete.

        Its target as sent goes into the scope, its size if it may be too large, and how a whole answer is written.
        """
        scope = cast("Scope", self.scope)
        scope[TARGET] = self.url
        if self._fed + self._arriving > LARGEST_HEAD:
            scope[HEAD_BYTES] = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._in_head, self._fed = False, 0
        self._stop_timer()
        super().on_headers_complete()
        scope[IN_ONE_PIECE] = partial(write_in_one_piece, self.cycle)

    def on_response_complete(self) -> None:
        """An answer is out. The timer of the first pause goes on over later ones: to set one for each costs more."""
        self._answered_at = time.monotonic()
        if self.timeout_keep_alive_task is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()

    def _unset_keepalive_if_required(self) -> None:
        return

    def timeout_keep_alive_handler(self) -> None:
        """Closes a connection that has been quiet for long; otherwise looks again when it may have been."""
        self.timeout_keep_alive_task = None
        if self._head_timer is not None or not self.cycle.response_complete:
            return
        remaining = self._answered_at + self.timeout_keep_alive - time.monotonic()
        if remaining > 0:
            self.timeout_keep_alive_task = self.loop.call_later(remaining, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _unsupported_upgrade_warning(self) -> None:
        # The application refuses every Upgrade, so there is nothing to warn of.
        return

    def send_400_response(self, msg: str) -> None:
        """What could not be parsed gets a problem document as well."""
        self._refuse(BadRequest())

    def _refuse(self, refusal: GatewayRefusal) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self.pipeline or cycle.response_started or not cycle.more_body:
                # What is wrong came behind a sound request, which gets its answer first.
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_refusal_bytes(refusal))
        self.transport.close()

    def _give_up(self) -> None:
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _refusal_bytes(refusal: GatewayRefusal) -> bytes:
    trace = continue_trace("")
    with within(trace):
        status, body, _ = problem_of(refusal)
    headers = {
        "content-type": PROBLEM_JSON,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-request-id": new_request_id(),
        "traceparent": trace.traceparent,
        "connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[status] + head.encode() + b"\r\n" + body


class _Server(uvicorn.Server):
    """Leaves with exit code 0 after SIGTERM: being asked to stop is no failure."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def serve(app: Any, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is in hand for at most 8 s."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=Door,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    # What exists by now lives as long as the process: the collector need not look at it again for every few requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    _Server(config).run()
