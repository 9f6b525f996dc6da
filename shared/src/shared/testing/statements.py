"""What a piece of code asks its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.db.connection import Connection


@contextmanager
def noted_statements() -> Iterator[list[str]]:
    """The SQL of all statements that go out meanwhile, in order, without their values."""
    seen: list[str] = []
    send = Connection._round_trips

    async def noting(connection: Connection, last: Any) -> Any:
        seen.extend(command.sql.decode() for command in [*connection._unsent, last])
        return await send(connection, last)

    Connection._round_trips = noting  # type: ignore[assignment, method-assign]
    try:
        yield seen
    finally:
        Connection._round_trips = send  # type: ignore[method-assign]
