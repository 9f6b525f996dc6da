"""The client's address: what our own proxies say, never what the client says."""

import pytest
from gateway.client_ip import ClientAddress, network_of

WALK = ClientAddress(["127.0.0.0/8", "10.0.0.0/8", "2001:db8:ffff::/48"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.9.9.9, 127.0.0.1", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1,", "10.0.0.1"),
        ("10.0.0.1", "garbage, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8:0::1", "2001:db8::1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "fe80::1%eth0", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:ffff::1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "0.0.0.0"),
    ],
)
def test_the_walk_ends_at_the_first_address_that_is_not_ours(peer, forwarded_for, client):
    assert WALK.of(peer, forwarded_for) == client


def test_without_trusted_proxies_nothing_is_believed():
    assert ClientAddress([]).of("127.0.0.1", "198.51.100.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "bits", "network"),
    [
        ("198.51.100.7", (32, 64), "198.51.100.7"),
        ("198.51.100.7", (24, 48), "198.51.100.0/24"),
        ("2001:db8:1:2:3::4", (32, 64), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::4", (24, 48), "2001:db8:1::/48"),
    ],
)
def test_limits_count_networks(address, bits, network):
    assert network_of(address, *bits) == network


def test_what_strangers_send_is_not_kept_in_memory():
    addresses = ClientAddress(["10.0.0.0/8"])
    long = ",".join(["198.51.100.1"] * 20)
    for number in range(50):
        assert addresses.of("203.0.113.9", f"198.51.100.{number}") == "203.0.113.9"
        assert addresses.of("10.0.0.1", f"198.51.100.{number},{long}") == "198.51.100.1"
    assert addresses._kept.cache_info().currsize == 1


def test_all_lines_of_the_header_count(client, services):
    lines = [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "10.0.0.7")]
    client.get("/api/bookings/services/", headers=lines)
    assert services.last.caller("catalog").ip == "198.51.100.1"


def test_an_untrusted_peer_is_the_client_whatever_it_says(start_gateway, services):
    with start_gateway(TRUSTED_PROXIES="").client() as client:
        client.get("/api/bookings/services/", headers={"X-Forwarded-For": "198.51.100.1"})
    assert services.last.caller("catalog").ip == "127.0.0.1"
