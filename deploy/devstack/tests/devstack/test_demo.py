"""The parts of the story: who waits for what, what is printed, how a trace is put together."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from devstack.demo.broken import PromiseBroken
from devstack.demo.browser import Browser
from devstack.demo.mailbox import Mail, Mailbox
from devstack.demo.moves import mini_move, specialty_item, standard_delivery
from devstack.demo.stage import Stage, money
from devstack.demo.story import tell_story
from devstack.demo.trace import Handled, Hop, Recorded, event_hops, logged, trace_id_of
from devstack.folder import RunFolder

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRACE = "78b63d89e25e2b66014bdef24344aa95"


class Terminal(io.StringIO):
    """Looks like a terminal."""

    def isatty(self) -> bool:
        return True


class Gateway(BaseHTTPRequestHandler):
    """Gives a CSRF token, refuses the first POST as one too many, and echoes the second."""

    refused_once = False

    def do_GET(self) -> None:
        seen = {"csrf_token": "token", "address": self.client_address[0]}
        self._answer(200, seen, {"Set-Cookie": "csrftoken=token"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not Gateway.refused_once:
            Gateway.refused_once = True
            self._answer(429, {}, {"Retry-After": "0"})
        else:
            seen = {name: self.headers.get(name) for name in ("X-CSRFToken", "Idempotency-Key", "Cookie")}
            self._answer(201, body | seen, {"traceparent": f"00-{TRACE}-3dc0a1e3c7c9b0ea-00"})

    def _answer(self, status: int, body: object, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def gateway() -> Iterator[str]:
    """Its address."""
    Gateway.refused_once = False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_browser_comes_again_when_it_is_told_to_and_proves_where_it_comes_from():
    out = io.StringIO()
    with gateway() as url:
        browser = Browser(url, Stage(out))
        answer = browser.post("/api/book/", {"move": 1}, "key-of-16-letters", expected=201)
    assert answer["move"] == 1
    assert (answer["X-CSRFToken"], answer["Idempotency-Key"]) == ("token", "key-of-16-letters")
    assert trace_id_of(browser.last_headers["traceparent"]) == TRACE
    assert "come again later" in out.getvalue()


def test_each_browser_has_a_computer_and_an_address_of_its_own():
    with gateway() as url:
        addresses = [Browser(url, Stage(io.StringIO())).get("/api/customers/csrf-token/")["address"] for _ in range(2)]
    assert len({*addresses, "127.0.0.1"}) == 3


def test_an_unexpected_answer_breaks_the_promise_with_its_text():
    with gateway() as url, pytest.raises(PromiseBroken, match="POST /api/book/ was answered with 201 instead of 409"):
        Browser(url, Stage(io.StringIO())).post("/api/book/", {}, expected=409)


def test_no_gateway_breaks_the_promise():
    with pytest.raises(PromiseBroken, match="No answer from"):
        Browser("http://127.0.0.1:9", Stage(io.StringIO())).get("/api/health/")


def test_nothing_runs_is_told_and_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert tell_story(RunFolder(tmp_path / "run")) == 1
    assert "Nothing runs in" in capsys.readouterr().out


def test_a_file_gets_plain_text_and_a_terminal_colours():
    plain, coloured = io.StringIO(), Terminal()
    for out in (plain, coloured):
        Stage(out).good("Paid.")
    assert plain.getvalue() == "  ✓ Paid.\n"
    assert "\033[32m" in coloured.getvalue()


def test_money_is_shown_in_dollars():
    assert money(551638) == "$5,516.38"


def test_every_kind_of_service_is_booked():
    kinds = [move.details["service_type"] for move in (mini_move(), standard_delivery(), specialty_item())]
    assert kinds == ["mini_move", "standard_delivery", "specialty_item"]


def _write_mail(folder: Path, name: str, recipient: str, subject: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = recipient, subject
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


def test_a_mail_is_found_by_its_recipient_and_subject(tmp_path: Path):
    _write_mail(tmp_path, "1", "ada@example.com", "We have your booking TT-1")
    _write_mail(tmp_path, "2", "ben@example.com", "Your move is confirmed (TT-2)")
    _write_mail(tmp_path, "3", "ada@example.com", "Your move is confirmed (TT-1)")
    found = Mailbox(str(tmp_path)).await_subject("ada@example.com", "TT-1", "is confirmed")
    assert found == Mail("ada@example.com", "Your move is confirmed (TT-1)")


def test_two_confirmations_of_one_booking_break_the_promise(tmp_path: Path):
    for name in ("1", "2"):
        _write_mail(tmp_path, name, "ada@example.com", "Your move is confirmed (TT-1)")
    with pytest.raises(PromiseBroken, match="more than one"):
        Mailbox(str(tmp_path)).await_subject("ada@example.com", "TT-1")


def test_a_mail_that_does_not_come_breaks_the_promise(tmp_path: Path):
    with pytest.raises(PromiseBroken, match="in vain for an e-mail to ada"):
        Mailbox(str(tmp_path), patience=0.05).await_subject("ada@example.com", "TT-1")


def _event(number: int, service: str, kind: str, after: int, cause: int | None = None) -> Recorded:
    time = START + timedelta(milliseconds=after)
    return Recorded(service, UUID(int=number), kind, time, str(UUID(int=cause)) if cause else "")


def test_what_follows_from_an_event_is_told_with_it():
    succeeded = _event(1, "payments", "payment.succeeded.v1", 0)
    paid = _event(2, "booking", "booking.paid.v1", 90, cause=1)
    at = START + timedelta(milliseconds=100)
    hops = sorted(event_hops([succeeded, paid], [Handled("booking", succeeded, at)]))
    assert hops == [
        Hop(START, "payments", "records payment.succeeded.v1"),
        Hop(at, "booking", "acts on payment.succeeded.v1 and records booking.paid.v1"),
    ]


def test_logs_tell_what_no_event_tells(tmp_path: Path):
    entry = {"time": START.isoformat(), "service": "notifications-worker", "message": "message sent"}
    ours = entry | {"logger": "notifications.sending", "trace_id": TRACE, "kind": "payment_received"}
    lines = [ours, ours | {"trace_id": "0" * 32}, ours | {"logger": "shared.messaging.consumer"}]
    log = tmp_path / "notifications-worker.log"
    log.write_text("\n".join([f"no JSON {TRACE}", *map(json.dumps, lines)]))
    assert list(logged(TRACE, [log])) == [Hop(START, "notifications-worker", "message sent (payment_received)")]


def test_what_is_no_traceparent_has_no_trace_id():
    assert trace_id_of("") == trace_id_of("nonsense") == ""
