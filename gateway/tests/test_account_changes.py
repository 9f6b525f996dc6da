"""Sessions follow their account: a changed profile is told to all of them, a changed password ends all but one."""

import hashlib
import socket

import httpx
import pytest

USER, PROFILE = "/api/customers/auth/user/", "/api/customers/profile/"
LOGIN, PASSWORD = "/api/customers/auth/login/", "/api/customers/auth/password/"
COOKIE = "totetaxi_sessionid"
ACCOUNT_ID = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def browsers(start_gateway, log_in):
    """Two browsers of one customer, each at a gateway process of its own."""
    gateways = [start_gateway(), start_gateway()]
    with gateways[0].client() as desk, gateways[1].client() as phone:
        log_in(desk)
        log_in(phone)
        yield gateways, desk, phone


def key_of(client):
    return f"session:{hashlib.sha256(client.cookies[COOKIE].encode()).hexdigest()}"


def caller_seen(services, client):
    client.get(USER)
    return services.last.caller("customers")


def change_profile(services, client, behaviour):
    services.behaviour = behaviour
    answer = client.put(PROFILE, json={})
    services.behaviour = services.make_reply()
    return answer


def change_password(services, client, behaviour):
    services.behaviour = behaviour
    answer = client.post(PASSWORD, json={})
    services.behaviour = services.make_reply()
    return answer


def while_logging_in(meanwhile, login, otherwise):
    """A service at which `meanwhile` happens when it has already compared the password of a login."""

    async def behave(recorded, send):
        if recorded.path != LOGIN:
            await otherwise(recorded, send)
            return
        await meanwhile()
        await login(recorded, send)

    return behave


def asking(client, method, path):
    """The same browser's request, from within a service."""

    async def ask():
        headers = {"X-CSRFToken": client.headers["X-CSRFToken"]}
        of_browser = {"base_url": client.base_url, "cookies": client.cookies, "timeout": client.timeout}
        async with httpx.AsyncClient(**of_browser, headers=headers, trust_env=False) as same:
            answer = await same.request(method, path, json={})
            assert answer.status_code == 200, answer.text

    return ask


@pytest.mark.parametrize("which", [0, 1])
def test_a_changed_profile_is_seen_in_all_sessions(browsers, services, vouching, which):
    _, *both = browsers
    for client in both:
        assert caller_seen(services, client).phone == "+12125550123"
    answer = change_profile(services, both[which], vouching(first_name="Amy", phone="+12125550199", version=2))
    assert answer.json() == {"message": "Done."}
    for client in both:
        caller = caller_seen(services, client)
        assert (caller.first_name, caller.last_name, caller.phone) == ("Amy", "Byron", "+12125550199")


def test_the_sessions_stay_the_same_ones(browsers, services, vouching, store):
    _, desk, phone = browsers
    keys = [key_of(desk), key_of(phone)]
    before = [[store("HMGET", key, "sid", "created", "seen", "until"), store("PEXPIRETIME", key)] for key in keys]
    names = {caller_seen(services, client).sid for client in (desk, phone)}
    answer = change_profile(services, desk, vouching(first_name="Amy", version=2))
    assert "set-cookie" not in answer.headers
    after = [[store("HMGET", key, "sid", "created", "seen", "until"), store("PEXPIRETIME", key)] for key in keys]
    assert (after, {caller_seen(services, client).sid for client in (desk, phone)}) == (before, names)
    assert len(names) == 2


def test_of_two_changes_the_later_one_stays_even_if_its_answer_overtakes(browsers, services, vouching):
    _, desk, phone = browsers
    change_profile(services, desk, vouching(first_name="Latest", version=3))
    change_profile(services, phone, vouching(first_name="Earlier", version=2))
    assert {caller_seen(services, client).first_name for client in (desk, phone)} == {"Latest"}


def test_a_login_that_overlaps_a_change_of_the_profile_follows_it(browsers, services, vouching):
    gateways, desk, _ = browsers
    changed = vouching(first_name="Amy", version=2)
    services.behaviour = while_logging_in(asking(desk, "PUT", PROFILE), vouching(), changed)
    with gateways[1].client() as tablet:
        assert tablet.post(LOGIN, json={}).status_code == 200
        services.behaviour = services.make_reply()
        assert caller_seen(services, tablet).first_name == "Amy"


def test_a_session_that_has_expired_does_not_come_back(browsers, services, vouching, store):
    _, desk, phone = browsers
    store("DEL", key_of(phone))
    change_profile(services, desk, vouching(first_name="Amy", version=2))
    assert store("EXISTS", key_of(phone)) == 0
    assert caller_seen(services, phone).kind == "anonymous"


def test_others_keep_their_sessions_as_they_are(browsers, services, vouching, log_in):
    gateways, desk, _ = browsers
    with gateways[1].client() as eve:
        log_in(eve, account_id="01900000-0000-7000-8000-00000000000e", first_name="Eve")
        change_profile(services, desk, vouching(first_name="Amy", version=2))
        change_password(services, desk, vouching(version=3, access_version=2))
        assert caller_seen(services, eve).first_name == "Eve"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/customers/auth/password-reset/confirm/"),
        ("POST", "/api/staff/auth/password-reset/confirm/"),
        ("PUT", "/api/staff/accounts/01900000-0000-7000-8000-000000000001/"),
    ],
)
def test_who_is_shut_out_by_others_is_out_with_the_answer(browsers, services, method, path):
    gateways, *both = browsers
    shut_out = {"account_id": ACCOUNT_ID, "access_version": 2}
    with gateways[0].client() as other:
        services.behaviour = services.make_reply(
            200, {"message": "Done.", "shut_out": {**shut_out, "access_version": 1}}
        )
        assert other.request(method, path, json={}).status_code == 200
        assert {caller_seen(services, client).kind for client in both} == {"customer"}
        services.behaviour = services.make_reply(200, {"message": "Done.", "shut_out": shut_out})
        answer = other.request(method, path, json={})
    assert (answer.status_code, answer.json()) == (200, {"message": "Done."})
    services.behaviour = services.make_reply()
    assert {caller_seen(services, client).kind for client in both} == {"anonymous"}


def test_a_request_counts_by_the_session_at_its_end_and_not_at_its_beginning(browsers, services, end_earlier):
    gateways, desk, _ = browsers
    head = (
        f"POST /api/customers/addresses/ HTTP/1.1\r\nHost: 127.0.0.1:{gateways[0].port}\r\n"
        f"Cookie: {COOKIE}={desk.cookies[COOKIE]}\r\nX-CSRFToken: {desk.headers['X-CSRFToken']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateways[0].port), timeout=60) as slow:
        slow.sendall(f"{head}{{".encode())
        for _ in range(3):
            assert caller_seen(services, desk).kind == "customer"
        assert end_earlier(gateways[1], ACCOUNT_ID, 2).json() == {"ended": 2}
        slow.sendall(b"}")
        assert slow.makefile("rb").readline().split()[1] == b"200"
    assert (services.last.path, services.last.caller("customers").kind) == ("/api/customers/addresses/", "anonymous")


@pytest.mark.parametrize("change", [change_profile, change_password])
def test_a_refused_change_passes_and_changes_nothing(browsers, services, change):
    _, desk, phone = browsers
    answer = change(services, desk, services.make_reply(400, {"error_code": "refused"}))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "refused")
    assert "set-cookie" not in answer.headers
    assert [caller_seen(services, client).first_name for client in (desk, phone)] == ["Ada", "Ada"]


@pytest.mark.parametrize("change", [change_profile, change_password])
def test_a_service_that_vouches_for_somebody_else_is_not_believed(browsers, services, vouching, change):
    _, desk, phone = browsers
    someone = vouching(account_id="01900000-0000-7000-8000-00000000000e", version=2, access_version=2)
    assert change(services, desk, someone).status_code == 502
    assert {str(caller_seen(services, client).id) for client in (desk, phone)} == {ACCOUNT_ID}


def test_a_changed_password_leaves_one_fresh_session(browsers, services, vouching):
    gateways, desk, phone = browsers
    old_cookie, old_csrf = desk.cookies[COOKIE], desk.headers["X-CSRFToken"]
    answer = change_password(services, desk, vouching(version=2, access_version=2))
    assert answer.json() == {"message": "Done.", "csrf_token": desk.cookies["csrftoken"]}
    assert desk.cookies[COOKIE] != old_cookie
    assert caller_seen(services, desk).kind == "customer"
    assert caller_seen(services, phone).kind == "anonymous"
    with gateways[1].client(cookies={COOKIE: old_cookie}) as thief:
        assert caller_seen(services, thief).kind == "anonymous"
    assert desk.post("/api/customers/addresses/", json={}, headers={"X-CSRFToken": old_csrf}).status_code == 403
    desk.headers["X-CSRFToken"] = answer.json()["csrf_token"]
    assert desk.post("/api/customers/addresses/", json={}).status_code == 200


def test_the_event_of_the_change_spares_the_fresh_session(browsers, services, vouching, end_earlier):
    gateways, desk, _ = browsers
    change_password(services, desk, vouching(version=2, access_version=2))
    assert end_earlier(gateways[1], ACCOUNT_ID, 2).json() == {"ended": 0}
    assert caller_seen(services, desk).kind == "customer"
    assert end_earlier(gateways[0], ACCOUNT_ID, 3).json() == {"ended": 1}
    assert caller_seen(services, desk).kind == "anonymous"


def test_a_login_with_the_old_password_that_overlaps_the_change_opens_nothing(browsers, services, vouching):
    gateways, desk, _ = browsers
    changed = vouching(version=2, access_version=2)
    services.behaviour = while_logging_in(asking(desk, "POST", PASSWORD), vouching(), changed)
    with gateways[1].client() as thief:
        answer = thief.post(LOGIN, json={})
        assert (answer.status_code, answer.json()["error_code"]) == (503, "login_interrupted")
        services.behaviour = services.make_reply()
        assert caller_seen(services, thief).kind == "anonymous"


def test_a_login_with_the_new_password_outlives_the_event(browsers, services, log_in, end_earlier):
    gateways, *_ = browsers
    assert end_earlier(gateways[0], ACCOUNT_ID, 2).json() == {"ended": 2}
    with gateways[1].client() as tablet:
        log_in(tablet, access_version=2)
        assert end_earlier(gateways[0], ACCOUNT_ID, 2).json() == {"ended": 0}
        assert caller_seen(services, tablet).kind == "customer"


def test_an_event_that_comes_late_opens_no_door_again(browsers, services, vouching, end_earlier):
    gateways, desk, _ = browsers
    end_earlier(gateways[0], ACCOUNT_ID, 3)
    end_earlier(gateways[1], ACCOUNT_ID, 2)
    services.behaviour = vouching(access_version=2)
    assert desk.post(LOGIN, json={}).status_code == 503


def test_a_password_that_is_changed_again_meanwhile_logs_its_owner_out(browsers, services, vouching, end_earlier):
    gateways, desk, _ = browsers
    first = vouching(version=2, access_version=2)

    async def overtaken(recorded, send):
        end_earlier(gateways[1], ACCOUNT_ID, 3)
        await first(recorded, send)

    answer = change_password(services, desk, overtaken)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "login_interrupted")
    assert caller_seen(services, desk).kind == "anonymous"


def test_who_is_logged_in_nowhere_changes_no_password(client, services):
    services.behaviour = services.make_reply(401, {"error_code": "unauthenticated"})
    answer = client.post(PASSWORD, json={})
    assert (answer.status_code, services.last.caller("customers").kind) == (401, "anonymous")


def test_passwords_are_changed_five_times_a_minute_at_most(client):
    assert [client.post(PASSWORD, json={}).status_code for _ in range(6)] == [200] * 5 + [429]
