"""Free TCP ports of 127.0.0.1."""

import random
import socket
from collections import deque

# Below Linux's range for outgoing connections (from 32768 on): while a server is down for a restart, a client that
# keeps trying to reach it could otherwise be given the server's own port as its source port and hold it.
LOWEST, HIGHEST = 20_000, 32_000
RESERVED_AT_MOST = 100
"""Sockets that stay open; a server that got its port so many servers ago listens by now."""

_reserved: deque[socket.socket] = deque()
_claimed: dict[int, socket.socket] = {}


def free_port() -> int:
    """A port that nobody listens on and nobody else is given. Raises OSError when a hundred tries found none.

    Between this and the server's start, and while the server is down, another test run may look for a port too. So the
    port stays bound to a socket that does not listen: this one refuses all who want it, the server, which shares
    addresses as servers do, gets it all the same.
    """
    for _ in range(100):
        port = random.randint(LOWEST, HIGHEST)
        if _reserve(port):
            return port
    raise OSError(f"No free port between {LOWEST} and {HIGHEST}.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _binds(probe, port)


def claim(port: int) -> bool:
    """Whether this process alone may start a server on this port of 127.0.0.1, from now on until it ends.

    Others who claim it are refused, also while no server listens yet. The datagram port of the same number stands for
    the claim: nobody needs it, the system gives it to one process only and takes it back when that one dies.
    """
    if port in _claimed:
        return True
    holder = socket.socket(type=socket.SOCK_DGRAM)
    if not _binds(holder, port):
        holder.close()
        return False
    _claimed[port] = holder
    return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _reserve(port: int) -> bool:
    """Whether the port was to be had by one who shares it with nobody; from then on it is shared with its server."""
    holder = socket.socket()
    if not _binds(holder, port):
        holder.close()
        return False
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    _reserved.append(holder)
    if len(_reserved) > RESERVED_AT_MOST:
        _reserved.popleft().close()
    return True


def _binds(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
