"""Request limits, exact over all gateway processes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from gateway.rate_limit.limits import per_ip
from gateway.rate_limit.local import LocalLimits
from shared.testing.waiting import wait_until

GUEST = "/api/bookings/guest-booking/"
LOGIN = "/api/customers/auth/login/"


def statuses(client, path, count, headers=None):
    return [client.post(path, json={}, headers=headers).status_code for _ in range(count)]


def test_a_limit_holds_and_says_so(client, services):
    answers = [client.post(GUEST, json={}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert refused.headers["ratelimit-limit"] == "3"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-reset"] == refused.headers["retry-after"]
    assert refused.json()["error_code"] == "rate_limited"
    assert len(services.requests) == 3


def test_limits_are_per_address(client):
    assert statuses(client, GUEST, 3) == [200] * 3
    assert statuses(client, GUEST, 1, {"X-Forwarded-For": "198.51.100.1"}) == [200]


def test_a_forged_address_escapes_no_limit(client):
    forged = ({"X-Forwarded-For": f"1.1.1.{number}, 198.51.100.1"} for number in range(4))
    assert [client.post(GUEST, json={}, headers=headers).status_code for headers in forged] == [200, 200, 200, 429]


def test_a_household_has_one_ipv6_network(client):
    addresses = ({"X-Forwarded-For": f"2001:db8:1:2::{number}"} for number in range(4))
    assert [client.post(GUEST, json={}, headers=headers).status_code for headers in addresses] == [200, 200, 200, 429]


def test_a_browser_counts_per_network_and_locks_nobody_else_out(client):
    agent = {"User-Agent": "Firefox"}
    near = ({**agent, "X-Forwarded-For": f"198.51.100.{number}"} for number in range(11))
    assert [client.post(LOGIN, json={}, headers=headers).status_code for headers in near] == [200] * 10 + [429]
    assert statuses(client, LOGIN, 1, {**agent, "X-Forwarded-For": "203.0.113.1"}) == [200]
    assert statuses(client, LOGIN, 1, {"User-Agent": "Safari", "X-Forwarded-For": "198.51.100.77"}) == [200]


def test_what_one_limit_refuses_another_does_not_count(client):
    assert statuses(client, LOGIN, 20)[5:] == [429] * 15
    elsewhere = ({"X-Forwarded-For": f"127.0.0.{number}"} for number in range(2, 7))
    assert [client.post(LOGIN, json={}, headers=headers).status_code for headers in elsewhere] == [200] * 5


def test_two_processes_together_let_exactly_the_limit_pass(start_gateway):
    gateways = [start_gateway(), start_gateway()]

    def book(number: int) -> int:
        with gateways[number % 2].client() as client:
            return client.post(GUEST, json={}).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(book, range(40)))
    assert sorted(answers) == [200] * 3 + [429] * 37


CONTACT = "/api/customers/contact/"
HOUR_MS = 3_600_000


@pytest.fixture
def counted(store):
    """The list of times that the store keeps of the limit of messages to the office."""

    class Counted:
        key = f"limit:ip:3600:POST {CONTACT}:127.0.0.1"

        def all(self) -> list[int]:
            return [int(time) for time in store("LRANGE", self.key, 0, -1)]

        def age(self, at: int, milliseconds: int) -> None:
            """Has this entry been counted so long ago."""
            seconds, micros = map(int, store("TIME"))
            store("LSET", self.key, at, seconds * 1000 + micros // 1000 - milliseconds)

        def expires_in(self) -> int:
            return int(store("PTTL", self.key))

    return Counted()


def test_a_request_stops_counting_when_its_window_has_passed_and_only_it(client, counted):
    assert statuses(client, CONTACT, 6) == [200] * 5 + [429]
    counted.age(0, HOUR_MS - 600_000)
    refused = client.post(CONTACT, json={})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 600
    counted.age(0, HOUR_MS)
    assert statuses(client, CONTACT, 2) == [200, 429]
    assert len(counted.all()) == 5
    assert 0 < counted.expires_in() <= HOUR_MS


def test_who_waits_as_long_as_was_said_is_let_in(client, counted):
    statuses(client, CONTACT, 5)
    counted.age(0, HOUR_MS - 1500)
    freed_at = counted.all()[0] + HOUR_MS
    first = wait_until(lambda: (answer := client.post(CONTACT, json={})).status_code == 200 and answer, 60, "a place")
    assert counted.all()[-1] >= freed_at
    assert first.headers["ratelimit-remaining"] == "0"


def test_limits_can_be_switched_off(start_gateway):
    with start_gateway(RATE_LIMITS_ENABLED="false").client() as client:
        answers = [client.post(GUEST, json={}) for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert "ratelimit-limit" not in answers[0].headers


@pytest.fixture
def clock():
    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    return Clock()


def test_local_limits_slide(clock):
    limits = LocalLimits(clock)
    asked = [(per_ip(2, 60), "key")]
    assert limits.ask(asked)[0]
    clock.now += 30
    assert limits.ask(asked)[0]
    allowed, (state,) = limits.ask(asked)
    assert (allowed, state.remaining, state.reset_seconds) == (False, 0, 30)
    clock.now += 30
    assert limits.ask(asked)[0]
    assert not limits.ask(asked)[0]
