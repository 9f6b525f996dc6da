"""Time for slow machines: a test of what a service does must not fail because the machine stood still meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.context import remaining_seconds
from shared.db import pool
from shared.http import client, idempotency

SECONDS = 60
_MILLISECONDS = SECONDS * 1000
_SETTINGS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@contextmanager
def patient() -> Iterator[None]:
    """A minute instead of the seconds after which a process gives up what seems stuck.

    That is for connections, statements, calls and the twin of a request with the same idempotency key.

    The limits themselves are tested where they are kept, without a service around them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "TIMEOUT_SECONDS", SECONDS)
        patch.setattr(pool, "SERVER_SETTINGS", " ".join(f"-c {name}={_MILLISECONDS}" for name in _SETTINGS))
        patch.setitem(pool.CONNECTING, "connect_timeout", SECONDS)
        patch.setattr(client, "CONNECT_SECONDS", SECONDS)
        patch.setattr(client, "remaining_seconds", lambda _: remaining_seconds(SECONDS))
        patch.setattr(idempotency, "WAIT_SECONDS", SECONDS)
        yield
