"""Free TCP ports of 127.0.0.1."""

import random
import socket

# Below Linux's range for outgoing connections (from 32768 on): while a server is down for a restart, a client that
# keeps trying to reach it could otherwise be given the server's own port as its source port and hold it.
LOWEST, HIGHEST = 20_000, 32_000


def free_port() -> int:
    """A port that nobody listens on at this moment. Raises OSError when a hundred tries found none."""
    for _ in range(100):
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port):
            return port
    raise OSError(f"No free port between {LOWEST} and {HIGHEST}.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
