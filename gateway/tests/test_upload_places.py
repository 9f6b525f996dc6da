"""Who uploads slowly, or never ends, takes places from other uploads at most, and few of those."""

import asyncio
import socket
import threading
from contextlib import ExitStack

import pytest
from gateway.body import Upload
from gateway.places import MOST_UPLOADS, MOST_UPLOADS_OF_ONE_SENDER
from gateway.refusals import BodyTimeout
from gateway.request import Request
from gateway.tracing import continue_trace
from shared.testing.waiting import wait_until

CREW = "/api/crew/a-crews-token/stops/01900000-0000-7000-8000-000000000001/photo/"
STAFF = "/api/staff/bookings/01900000-0000-7000-8000-000000000001/documents/"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Patient:
    """A service that takes uploads for ever and answers reads at once; `begun` holds the heads of all uploads."""

    def __init__(self):
        self.begun = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            while head := connection.recv(65536):
                if head.startswith(b"GET"):
                    connection.sendall(FINE)
                elif head.startswith(b"POST"):
                    self.begun.append(head)

    @property
    def uploads(self):
        return len(self.begun)

    def close(self):
        self._server.close()


@pytest.fixture
def patient():
    service = Patient()
    yield service
    service.close()


def begin_upload(gateway, address, path=CREW):
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {address}\r\nContent-Type: image/png\r\n"
    connection.sendall(head.encode() + b"Content-Length: 1000000\r\n\r\nbeginning")
    return connection


def test_uploads_that_never_end_keep_nobody_from_the_service(start_gateway, patient):
    gateway = start_gateway(BOOKING_URL=patient.url, RATE_LIMITS_ENABLED="false")
    with ExitStack() as stack, gateway.client() as client:
        for sender in range(64 + MOST_UPLOADS):
            stack.enter_context(begin_upload(gateway, f"203.0.113.{sender}"))
        wait_until(lambda: patient.uploads >= MOST_UPLOADS, what="uploads to begin")
        assert client.get("/api/staff/bookings/").text == "ok"
        assert patient.uploads == MOST_UPLOADS


def test_one_sender_leaves_places_to_the_others(start_gateway, patient):
    gateway = start_gateway(BOOKING_URL=patient.url)
    with ExitStack() as stack:
        for _ in range(MOST_UPLOADS):
            stack.enter_context(begin_upload(gateway, "203.0.113.1"))
        wait_until(lambda: patient.uploads >= MOST_UPLOADS_OF_ONE_SENDER, what="uploads to begin")
        stack.enter_context(begin_upload(gateway, "203.0.113.2"))
        wait_until(lambda: patient.uploads > MOST_UPLOADS_OF_ONE_SENDER, what="the other's upload to begin")
        assert patient.uploads == MOST_UPLOADS_OF_ONE_SENDER + 1


def test_uploads_that_were_left_cost_no_places(start_gateway, patient):
    # Neither for its sender's silence nor for the time that has passed is an upload given up here.
    gateway = start_gateway(BOOKING_URL=patient.url, RATE_LIMITS_ENABLED="false")
    for begun in range(1, 3 * MOST_UPLOADS_OF_ONE_SENDER):
        with begin_upload(gateway, "203.0.113.1"):
            wait_until(lambda begun=begun: patient.uploads == begun, what="the upload to begin")


def test_documents_of_strangers_are_refused_before_the_service_is_asked(gateway, services):
    with begin_upload(gateway, "203.0.113.1", STAFF) as connection:
        assert connection.makefile("rb").readline().split()[1] == b"401"
    assert services.requests == []


def test_documents_of_customers_are_refused_before_the_service_is_asked(client, services, log_in):
    log_in(client)
    services.requests.clear()
    assert client.post(STAFF, content=b"x", headers={"Content-Type": "image/png"}).status_code == 403
    assert services.requests == []


async def test_a_sender_who_falls_silent_is_given_up():
    async def receive():
        return await asyncio.Event().wait()

    headers = {b"content-length": b"9"}
    request = Request("POST", b"/", b"", headers, "203.0.113.1", "http", "a", "id", continue_trace(""), receive)
    body = Upload(request, 100, patience=0.01)
    with pytest.raises(BodyTimeout):
        await anext(aiter(body))
    assert isinstance(body.failure, BodyTimeout)
