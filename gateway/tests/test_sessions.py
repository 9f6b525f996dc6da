"""Sessions: opened at login, looked up at every request, ended at once."""

import hashlib

import pytest

USER = "/api/customers/auth/user/"
SESSIONS = "/api/customers/auth/sessions/"
COOKIE = "totetaxi_sessionid"
DAY_MS = 24 * 3600 * 1000


def key_of(client):
    return f"session:{hashlib.sha256(client.cookies[COOKIE].encode()).hexdigest()}"


def kind_of_caller(services, service="customers"):
    return services.last.caller(service).kind


def test_login_opens_a_session_that_services_are_told_of(client, services, log_in):
    answer = log_in(client)
    assert answer.json() == {"message": "Welcome.", "csrf_token": client.cookies["csrftoken"]}
    assert client.get(USER, headers={"User-Agent": "Firefox"}).status_code == 200
    caller = services.last.caller("customers")
    assert (caller.kind, caller.email, caller.first_name, caller.ua) == (
        "customer",
        "ada@example.com",
        "Ada",
        "Firefox",
    )
    assert caller.sid
    assert caller.sid != client.cookies[COOKIE]
    assert "cookie" not in services.last.headers


def test_staff_bring_their_permissions(client, services, log_in):
    log_in(client, "staff")
    client.get("/api/staff/bookings/")
    caller = services.last.caller("booking")
    assert (caller.kind, caller.role) == ("staff", "operator")
    assert caller.permissions == {"view_bookings", "manage_bookings"}


def test_the_cookies_have_their_attributes(client, log_in):
    session, csrf = log_in(client).headers.get_list("set-cookie")
    assert session.startswith(f"{COOKIE}=")
    assert session.endswith("; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly")
    assert csrf.startswith("csrftoken=")
    assert "HttpOnly" not in csrf


def test_the_store_never_holds_the_cookie(client, log_in, store):
    log_in(client)
    token = client.cookies[COOKIE].encode()
    keys = store("KEYS", "*")
    assert key_of(client).encode() in keys
    contents = [store("HGETALL", key) for key in keys if key.startswith(b"session:")]
    assert not any(token in part for part in (*keys, *(field for content in contents for field in content)))


def test_a_failed_login_opens_nothing(client, services):
    services.behaviour = services.make_reply(400, {"error_code": "invalid_credentials"})
    answer = client.post("/api/customers/auth/login/", json={})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


def test_a_login_with_a_second_step_passes_as_it_is(client, services):
    services.behaviour = services.make_reply(200, {"totp_required": True, "login_token": "t"})
    answer = client.post("/api/staff/auth/login/", json={})
    assert answer.json() == {"totp_required": True, "login_token": "t"}
    assert "set-cookie" not in answer.headers


def test_login_gives_a_fresh_id_and_ends_the_old_session(client, gateway, services, log_in):
    log_in(client)
    old = client.cookies[COOKIE]
    log_in(client)
    assert client.cookies[COOKIE] != old
    with gateway.client(cookies={COOKIE: old}) as thief:
        thief.get(USER)
    assert kind_of_caller(services) == "anonymous"


def test_an_id_that_was_planted_is_not_taken_over(client, services, log_in):
    planted = "A" * 43
    token = client.get("/api/customers/csrf-token/").json()["csrf_token"]
    services.behaviour = services.make_reply(200, {"message": "", "session": {"kind": "customer"}})
    answer = client.post(
        "/api/customers/auth/login/", json={}, headers={"Cookie": f"{COOKIE}={planted}", "X-CSRFToken": token}
    )
    assert answer.status_code == 403
    log_in(client)
    assert client.cookies[COOKIE] != planted


def test_a_service_that_vouches_for_nobody_opens_nothing(client, services):
    services.behaviour = services.make_reply(200, {"session": {"kind": "admin", "account_id": "x"}})
    assert client.post("/api/customers/auth/login/", json={}).status_code == 502


def test_a_service_that_does_not_say_at_which_access_opens_nothing(client, services, vouching):
    services.behaviour = vouching(access_version=None)
    assert client.post("/api/customers/auth/login/", json={}).status_code == 502


@pytest.mark.parametrize("cookie", ["x", "A" * 43, "a" * 5000, "../../etc", "%00"])
def test_an_invented_cookie_is_nobody(client, services, cookie):
    client.get(USER, headers={"Cookie": f"{COOKIE}={cookie}"})
    assert kind_of_caller(services) == "anonymous"


def test_logout_ends_the_session_and_clears_the_cookies(client, gateway, services, log_in):
    log_in(client)
    stolen = client.cookies[COOKIE]
    answer = client.post("/api/customers/auth/logout/")
    assert answer.status_code == 200
    assert kind_of_caller(services) == "customer"
    assert COOKIE not in client.cookies
    with gateway.client(cookies={COOKIE: stolen}) as thief:
        thief.get(USER)
    assert kind_of_caller(services) == "anonymous"


@pytest.mark.parametrize("status", [500, 503])
def test_logout_works_while_the_service_fails(client, services, log_in, store, status):
    log_in(client)
    key = key_of(client)
    services.behaviour = services.make_reply(status, {})
    answer = client.post("/api/customers/auth/logout/")
    assert (answer.status_code, answer.json()) == (200, {"message": "Logged out."})
    assert store("EXISTS", key) == 0


def test_own_sessions_are_listed(gateway, log_in):
    with gateway.client(headers={"User-Agent": "Phone"}) as phone, gateway.client() as desk:
        log_in(phone)
        log_in(desk)
        listed = desk.get(SESSIONS).json()
    assert listed["count"] == 2
    assert [entry["current"] for entry in listed["results"]] == [True, False]
    assert listed["results"][1]["device"] == "Phone"
    assert listed["results"][1]["ip"] == "127.0.0.1"
    assert {"created_at", "last_seen_at", "expires_at"} < set(listed["results"][0])


def test_one_session_is_ended_from_another(gateway, services, log_in):
    with gateway.client() as phone, gateway.client() as desk:
        log_in(phone)
        log_in(desk)
        other = next(entry for entry in desk.get(SESSIONS).json()["results"] if not entry["current"])
        assert desk.delete(f"{SESSIONS}{other['id']}/").status_code == 200
        assert desk.delete(f"{SESSIONS}{other['id']}/").status_code == 404
        phone.get(USER)
        assert kind_of_caller(services) == "anonymous"
        desk.get(USER)
        assert kind_of_caller(services) == "customer"


def test_all_sessions_are_ended(client, services, log_in):
    log_in(client)
    assert client.delete(SESSIONS).json()["ended"] == 1
    assert client.get(SESSIONS).status_code == 401


def test_nobody_ends_the_sessions_of_others(gateway, log_in):
    with gateway.client() as ada, gateway.client() as eve:
        log_in(ada)
        log_in(eve, account_id="01900000-0000-7000-8000-00000000000e")
        hers = ada.get(SESSIONS).json()["results"][0]["id"]
        assert eve.delete(f"{SESSIONS}{hers}/").status_code == 404
        assert eve.get("/api/staff/auth/sessions/").status_code == 403
        assert ada.get(SESSIONS).json()["count"] == 1


def test_a_change_of_access_ends_all_sessions_at_once(client, gateway, services, log_in, end_earlier):
    log_in(client, "staff")
    answer = end_earlier(gateway, "01900000-0000-7000-8000-000000000002", 2)
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    client.get("/api/staff/bookings/")
    assert kind_of_caller(services, "booking") == "anonymous"


def test_only_the_customers_service_ends_the_sessions_of_others(client, gateway, log_in, service_token):
    log_in(client)
    for authorization in (None, "Bearer forged", f"Bearer {service_token('booking')}"):
        headers = {"Authorization": authorization} if authorization else {}
        body = {"account_id": "01900000-0000-7000-8000-000000000001", "access_version": 2}
        with gateway.client(headers=headers) as caller:
            answer = caller.post("/internal/sessions/end", json=body)
        assert answer.status_code in (401, 403)
    assert client.get(SESSIONS).status_code == 200


@pytest.mark.parametrize("body", [{}, {"account_id": "x", "access_version": 2}, {"account_id": "x"}, []])
def test_which_sessions_are_to_end_must_be_said(gateway, service_token, body):
    headers = {"Authorization": f"Bearer {service_token('customers')}"}
    with gateway.client(headers=headers) as caller:
        answer = caller.post("/internal/sessions/end", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")


def test_a_session_that_rested_too_long_has_ended(client, services, log_in, store):
    log_in(client, "staff")
    seen = int(store("HGET", key_of(client), "seen"))
    store("HSET", key_of(client), "seen", seen - 8 * 3600 * 1000)
    client.get("/api/staff/bookings/")
    assert kind_of_caller(services, "booking") == "anonymous"


def test_a_session_in_use_ends_at_its_last_day_all_the_same(client, services, log_in, store):
    log_in(client)
    created = int(store("HGET", key_of(client), "created"))
    assert int(store("HGET", key_of(client), "until")) == created + 90 * DAY_MS
    store("HSET", key_of(client), "until", created - 1)
    client.get(USER)
    assert kind_of_caller(services) == "anonymous"


def test_use_lengthens_a_session_but_touches_it_once_a_minute(client, log_in, store):
    log_in(client)
    key = key_of(client)
    fresh = int(store("HGET", key, "seen"))
    client.get(USER)
    assert int(store("HGET", key, "seen")) == fresh
    store("HSET", key, "seen", fresh - 61_000)
    store("PEXPIRE", key, DAY_MS)
    client.get(USER)
    assert int(store("HGET", key, "seen")) >= fresh
    assert int(store("PTTL", key)) > 29 * DAY_MS


def test_public_pages_do_not_look_at_the_session(client, services, log_in):
    log_in(client)
    client.get("/api/bookings/services/")
    assert kind_of_caller(services, "catalog") == "anonymous"


def test_an_account_keeps_a_bounded_number_of_sessions(client, services, log_in, store):
    log_in(client)
    index = store("HGET", key_of(client), "index")
    far = int(store("HGET", key_of(client), "until"))
    for number in range(100):
        store("ZADD", index, far - 1000 - number, f"session:{number}")
    log_in(client)
    assert store("ZCARD", index) <= 100
    assert client.get(SESSIONS).json()["results"][0]["current"]
