"""What the customers service asks of the gateway about an account's sessions, and what erasing an account does."""

import socket

import pytest

USER, ERASE = "/api/customers/auth/user/", "/api/customers/erase/"
END, REFRESH = "/internal/sessions/end", "/internal/sessions/refresh"
ACCOUNT = {
    "kind": "customer",
    "version": 2,
    "access_version": 1,
    "account_id": "01900000-0000-7000-8000-000000000001",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "King",
    "phone": "+12125550199",
}
ORDERS = {END: {"account_id": ACCOUNT["account_id"], "access_version": 2}, REFRESH: {"session": ACCOUNT}}


@pytest.fixture
def phone(gateway, log_in):
    with gateway.client() as phone:
        log_in(phone)
        yield phone


@pytest.fixture
def order(gateway, service_token):
    def order(path, body, service="customers", **headers):
        proof = {"Authorization": f"Bearer {service_token(service)}"}
        with gateway.client(headers=proof | headers) as caller:
            return caller.post(path, json=body)

    return order


def caller_seen(services, client):
    client.get(USER)
    return services.last.caller("customers")


def test_what_the_office_corrects_is_seen_in_all_sessions(client, phone, services, log_in, order):
    log_in(client)
    assert order(REFRESH, {"session": ACCOUNT}).status_code == 200
    for browser in (client, phone):
        caller = caller_seen(services, browser)
        assert (caller.kind, caller.last_name, caller.phone) == ("customer", "King", "+12125550199")


def test_what_comes_late_changes_nothing(phone, services, order):
    order(REFRESH, {"session": ACCOUNT | {"version": 3, "last_name": "Latest"}})
    assert order(REFRESH, {"session": ACCOUNT}).status_code == 200
    assert caller_seen(services, phone).last_name == "Latest"


@pytest.mark.parametrize("body", [{}, {"session": {}}, {"session": ACCOUNT | {"kind": "admin"}}, {"session": []}, []])
def test_what_is_no_account_refreshes_nothing(order, body):
    answer = order(REFRESH, body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")


@pytest.mark.parametrize("path", ORDERS)
def test_no_other_service_gives_orders(order, path):
    assert order(path, ORDERS[path], service="booking").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"])
@pytest.mark.parametrize("path", ORDERS)
def test_nobody_from_outside_gives_orders(phone, services, order, path, header):
    assert order(path, ORDERS[path], **{header: "https"}).status_code == 404
    assert caller_seen(services, phone).last_name == "Byron"


@pytest.mark.parametrize("path", [END, "/api/staff/ops/parked-events/"])
def test_an_order_that_never_comes_whole_is_given_up(start_gateway, log_in, service_token, path):
    gateway = start_gateway({"budgets": 1})
    with (
        gateway.client() as client,
        socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection,
    ):
        log_in(client, "staff")
        head = (
            f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n"
            f"Authorization: Bearer {service_token('customers')}\r\nX-CSRFToken: {client.headers['X-CSRFToken']}\r\n"
            f"Cookie: totetaxi_sessionid={client.cookies['totetaxi_sessionid']}\r\n\r\n"
        )
        connection.sendall(head.encode() + b"{")
        assert connection.makefile("rb").readline().split()[1] == b"408"


def test_whoever_is_erased_is_logged_out_everywhere_at_once(client, phone, services, log_in):
    log_in(client)
    answer = client.post(ERASE, json={"password": "correct horse"})
    assert answer.status_code == 200
    assert [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")] == [
        "totetaxi_sessionid",
        "csrftoken",
    ]
    assert not client.cookies
    assert caller_seen(services, phone).kind == "anonymous"


def test_an_erasure_that_is_refused_ends_nothing(client, phone, services, log_in):
    log_in(client)
    services.behaviour = services.make_reply(409, {"error_code": "move_under_way"})
    assert client.post(ERASE, json={"password": "correct horse"}).status_code == 409
    services.behaviour = services.make_reply()
    assert [caller_seen(services, browser).kind for browser in (client, phone)] == ["customer", "customer"]


STAFF_SESSIONS, LOGOUT = "/api/staff/auth/sessions/", "/api/staff/auth/logout/"


def noted(services):
    return [(seen.path, seen.caller("customers").kind) for seen in services.requests if seen.method == "POST"]


def test_staff_who_end_sessions_have_logged_out_for_the_audit_log(client, services, log_in):
    for path in ("", "{sid}/"):
        log_in(client, "staff")
        sid = client.get(STAFF_SESSIONS).json()["results"][0]["id"]
        services.requests.clear()
        assert client.delete(STAFF_SESSIONS + path.format(sid=sid)).status_code == 200
        assert noted(services) == [(LOGOUT, "staff")]


def test_sessions_of_staff_end_although_nobody_can_note_it(client, services, log_in):
    log_in(client, "staff")
    services.behaviour = services.make_reply(503, {})
    assert client.delete(STAFF_SESSIONS).status_code == 200
    assert client.get(STAFF_SESSIONS).status_code == 401


def test_customers_who_end_sessions_are_in_no_audit_log(client, services, log_in):
    log_in(client)
    services.requests.clear()
    assert client.delete("/api/customers/auth/sessions/").status_code == 200
    assert services.requests == []
