"""Only what the route table names is reachable, by its one path."""

import socket

import pytest

ID = "01900000-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize("path", ["/api/bookings/services/", "/api/bookings/services"])
def test_a_path_works_with_and_without_its_slash(client, services, path):
    assert client.get(path).status_code == 200
    assert services.last.path == "/api/bookings/services/"


def test_parameters_are_checked_and_the_path_rebuilt(client, services):
    answer = client.get(f"/api/bookings/services/organizing/{ID.upper()}?x=1&y=%C3%A9")
    assert answer.status_code == 200
    assert services.last.path == f"/api/bookings/services/organizing/{ID}/"
    assert services.last.query == "x=1&y=%C3%A9"


def test_a_booking_number_is_known_however_it_is_typed(client, services):
    assert client.get("/api/bookings/booking-status/tt-20261123-0001/").status_code == 200
    assert services.last.path == "/api/bookings/booking-status/TT-20261123-0001/"


@pytest.mark.parametrize(
    "path",
    ["/", "/api/", "/api/nothing/", "/internal/payment-intents", "/api/bookings/services/organizing/7/", "/metrics"],
)
def test_what_is_not_named_is_not_found(client, services, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "not_found"
    assert services.requests == []


def test_another_method_is_refused_with_the_allowed_ones(client, services):
    answer = client.patch("/api/customers/profile/", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert services.requests == []


def test_head_has_the_headers_of_get_and_no_body(client, services):
    services.behaviour = services.make_reply(200, {"a": 1}, {"etag": '"v1"'})
    answer = client.head("/api/bookings/services/")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", '"v1"')
    assert answer.headers["content-length"] == "7"
    assert services.last.method == "GET"


def _ask(gateway, target: bytes) -> int:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/api//bookings/services/", 400),
        (b"//api/bookings/services/", 400),
        (b"/api/bookings/%2fservices/", 400),
        (b"/api/bookings/services%2F", 400),
        (b"/api/bookings/../bookings/services/", 400),
        (b"/api/bookings/./services/", 400),
        (b"/api/bookings/%2e%2e/services/", 400),
        (b"/api/bookings/services/%00", 400),
        (b"/api/bookings/services/;a=1", 400),
        (b"/api/bookings%5cservices/", 400),
        (b"/api/bookings\\services/", 400),
        (b"/api/bookings/%ff/", 400),
        (b"/api/bookings/%zz/", 400),
        (b"/api/bookings/%252e/", 400),
        (b"/api/bookings/services/\xc3\xa9", 400),
        (b"http://elsewhere/api/bookings/services/", 400),
        (b"*", 400),
        (b"/api/bookings/services/?a=%00", 400),
        (b"/api/bookings/services/?a=%ff", 400),
        (b"/api/%62ookings/services/", 404),
        (b"/api/bookings/services/?" + b"a" * 2048, 414),
        (b"/" + b"a" * 3000, 414),
    ],
)
def test_tricky_addresses_never_reach_a_service(gateway, services, target, status):
    assert _ask(gateway, target) == status
    assert services.requests == []
