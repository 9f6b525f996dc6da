"""Who is on the other end: the client's address behind the proxies that we run ourselves."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

LONGEST_KEPT = 128
"""How long an X-Forwarded-For may be whose client is found once for all requests of it: a few addresses."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_address(text: str) -> IPAddress | None:
    """An address as proxies write it (with a port, in brackets, IPv4 inside IPv6); null if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return None if address.scope_id else (address.ipv4_mapped or address)
    return address


def network_of(address: str, v4_bits: int, v6_bits: int) -> str:
    """The network that an address counts for in a limit, such as `2001:db8::/64`."""
    bits = v6_bits if ":" in address else v4_bits
    return address if bits == 32 else str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


class ClientAddress:
    """Walks X-Forwarded-For from the right, past our own proxies, to the first address that is not one of them.

    Whatever stands further left was written by the client and may be a lie.
    """

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted = tuple(ipaddress.ip_network(network) for network in trusted_proxies)
        self._kept = lru_cache(maxsize=4096)(self._of)
        self._is_trusted = lru_cache(maxsize=4096)(self._is_trusted_peer)

    def of(self, peer: str, forwarded_for: str) -> str:
        """The client's address. An entry that can't be read ends the walk at the peer itself."""
        if not self.is_trusted(peer):
            forwarded_for = ""
        # Long values are nobody's usual ones: to keep them would only fill the memory.
        walk = self._kept if len(forwarded_for) <= LONGEST_KEPT else self._of
        return walk(peer, forwarded_for)

    def is_trusted(self, peer: str) -> bool:
        """Whether `peer` is one of our proxies, whose X-Forwarded-* headers are believed."""
        return self._is_trusted(peer)

    def _is_trusted_peer(self, peer: str) -> bool:
        address = parse_address(peer)
        return address is not None and self._is_ours(address)

    def _is_ours(self, address: IPAddress) -> bool:
        return any(address in network for network in self._trusted)

    def _of(self, peer: str, forwarded_for: str) -> str:
        here = parse_address(peer)
        if here is None:
            return "0.0.0.0"  # noqa: S104 - a peer without an address, as on a Unix socket
        found = here
        for entry in reversed(forwarded_for.split(",")) if forwarded_for else ():
            if not self._is_ours(found):
                break
            address = parse_address(entry)
            if address is None:
                return str(here)
            found = address
        return str(found)
