"""What can be seen of the way to the database: a span for each round trip, and its SQL for tests that count them."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from typing import Any

from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import SpanKind

from shared.db.statements import Command
from shared.telemetry.setup import tracer, tracing_enabled

_NONE: AbstractContextManager[Any] = nullcontext()
_are_exported = cache(tracing_enabled)
_round_trips: ContextVar[list[list[str]] | None] = ContextVar("round_trips", default=None)


def seen(commands: Sequence[Command]) -> AbstractContextManager[Any]:
    """A span for statements that go out together, named by the first after BEGIN; the values stay out of it."""
    exported, noted = _are_exported() and is_instrumentation_enabled(), _round_trips.get()
    if not exported and noted is None:
        return _NONE
    sql = [command.sql.decode() for command in commands]
    if noted is not None:
        noted.append(sql)
    if not exported:
        return _NONE
    return tracer.start_as_current_span(
        next((one for one in sql if one != "BEGIN"), "BEGIN").split(maxsplit=1)[0],
        kind=SpanKind.CLIENT,
        attributes={"db.system.name": "postgresql", "db.query.text": ";\n".join(sql)},
    )


@contextmanager
def noting_round_trips() -> Iterator[list[list[str]]]:
    """What goes to a database in this block: for each round trip the statements that went out together."""
    noted: list[list[str]] = []
    token = _round_trips.set(noted)
    try:
        yield noted
    finally:
        _round_trips.reset(token)
