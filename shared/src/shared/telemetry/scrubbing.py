"""Spans leave the process without what people wrote: an error shows by its kind and never by its message."""

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status

_TELLTALE = ("exception.message", "exception.stacktrace")


class ScrubbingProcessor(BatchSpanProcessor):
    """Exports in batches, without the messages of errors: a database's errors name the values that it refused."""

    def on_end(self, span: ReadableSpan) -> None:
        super().on_end(_scrubbed(span) if span.status.description or span.events else span)


def _scrubbed(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[_without_message(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_message(event: Event) -> Event:
    kept = {name: value for name, value in (event.attributes or {}).items() if name not in _TELLTALE}
    return Event(event.name, kept, event.timestamp)
