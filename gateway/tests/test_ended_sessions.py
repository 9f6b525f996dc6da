"""A browser whose session has ended gets along by itself: what it holds no more is taken from it, and nothing else."""

import pytest

COOKIE = "totetaxi_sessionid"
LOGIN = "/api/customers/auth/login/"
TOKEN = "/api/customers/csrf-token/"
BOOKING = "/api/bookings/guest-booking/"


@pytest.fixture
def ended(client, log_in, store):
    """A browser that has the cookies of a session that has ended, and a page that holds no token."""
    log_in(client)
    store("FLUSHDB")
    del client.headers["X-CSRFToken"]
    return client


@pytest.mark.parametrize("path", [LOGIN, "/api/customers/auth/register/", BOOKING])
def test_the_second_try_succeeds(ended, path):
    first = ended.post(path, json={})
    assert (first.status_code, first.json()["error_code"]) == (403, "csrf_failed")
    assert not set(ended.cookies)
    assert ended.post(path, json={}).status_code == 200


def test_a_cookie_that_never_opened_anything_goes_as_well(client):
    client.cookies.set(COOKIE, "planted", domain="127.0.0.1")
    assert [client.post(BOOKING, json={}).status_code for _ in range(2)] == [403, 200]


def test_a_live_session_keeps_its_cookies_when_a_token_is_missing(client, log_in):
    log_in(client)
    del client.headers["X-CSRFToken"]
    answer = client.post(BOOKING, json={})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_nothing_is_taken_away_for_another_site(ended):
    answer = ended.post(BOOKING, json={}, headers={"Origin": "https://evil.test"})
    assert (answer.json()["error_code"], "set-cookie" in answer.headers) == ("origin_not_allowed", False)


@pytest.fixture
def overtaken(client, gateway, log_in):
    """A page whose request left with the old cookie while its browser logged in anew in another tab."""
    log_in(client)
    old = client.cookies[COOKIE]
    log_in(client)
    with gateway.client(headers={"Cookie": f"{COOKIE}={old}"}) as page:
        yield page


def test_the_cookies_of_a_login_in_another_tab_stay(overtaken):
    refused, token = overtaken.post(BOOKING, json={}), overtaken.get(TOKEN)
    assert (refused.status_code, token.status_code) == (403, 200)
    assert "set-cookie" not in {**refused.headers, **token.headers}


def test_a_browser_that_never_got_the_answer_to_its_login_logs_in_again(overtaken):
    token = overtaken.get(TOKEN).json()["csrf_token"]
    assert overtaken.post(LOGIN, json={}, headers={"X-CSRFToken": token}).status_code == 200


def test_that_a_session_was_replaced_is_forgotten_in_a_minute(client, log_in, store):
    for _ in range(2):
        log_in(client)
    [key] = [key for key in store("KEYS", "session:*") if store("HEXISTS", key, "replaced")]
    assert 0 < store("PTTL", key) <= 60_000
