"""Spans of round trips to the database, when traces are exported."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import SpanKind

from shared.telemetry.setup import tracer, tracing_enabled

if TYPE_CHECKING:
    from shared.db.statements import Command

_NONE: AbstractContextManager[Any] = nullcontext()
_are_exported = cache(tracing_enabled)


def span_of(commands: Sequence["Command"]) -> AbstractContextManager[Any]:
    """A span for statements that go out together, named by the first after BEGIN; the values stay out of it."""
    if not _are_exported() or not is_instrumentation_enabled():
        return _NONE
    sql = [command.sql.decode() for command in commands]
    return tracer.start_as_current_span(
        next((one for one in sql if one != "BEGIN"), "BEGIN").split(maxsplit=1)[0],
        kind=SpanKind.CLIENT,
        attributes={"db.system.name": "postgresql", "db.query.text": ";\n".join(sql)},
    )
