"""The trace that a request belongs to.

With an exporter configured the gateway's span is a real one; without, ids are made here all the same, so that every
answer names its trace and the logs of all services carry it.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from shared.telemetry import current_traceparent, remote_context, tracer

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_NEITHER_IS_ZERO = 1 << 128 | 1
RECORDED, NOT_RECORDED = "01", "00"


class Trace(NamedTuple):
    """A place in a trace: ids in hex as in `traceparent`."""

    trace_id: str
    span_id: str
    flags: str

    @property
    def traceparent(self) -> str:
        """The W3C header that names this place."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def continue_trace(incoming: str) -> Trace:
    """A new span's ids in the trace that `incoming` (a `traceparent` value) names, else in a new trace.

    It is not recorded, whatever the caller asks for.
    """
    digits = f"{random.getrandbits(192) | _NEITHER_IS_ZERO:048x}"
    known = _TRACEPARENT.fullmatch(incoming) if incoming else None
    return Trace(known[1] if known else digits[16:], digits[:16], NOT_RECORDED)


def _new_trace_id() -> int:
    return random.getrandbits(128) or 1


def new_request_id() -> str:
    """The name of a request that came without one."""
    return f"{random.getrandbits(128):032x}"


def _with_own_decision(incoming: str, name: str) -> str:
    """The same place in the same trace, but it is this process's sampler that says whether it is recorded.

    Callers could fill the collector otherwise, or hide from it. Sampling by share looks at the trace's id, which they
    choose as well, so the sampler is asked about one that they don't know.
    """
    known = _TRACEPARENT.fullmatch(incoming)
    if known is None:
        return ""
    sampler = cast("TracerProvider", trace.get_tracer_provider()).sampler
    decision = sampler.should_sample(Context(), _new_trace_id(), name).decision
    return f"00-{known[1]}-{known[2]}-{RECORDED if decision is Decision.RECORD_AND_SAMPLE else NOT_RECORDED}"


@contextmanager
def recorded_span(method: str, incoming: str) -> Iterator[Trace]:
    """A real span around a request; needs a configured exporter."""
    attributes = {"http.request.method": method}
    context = remote_context(_with_own_decision(incoming, method))
    with tracer.start_as_current_span(method, context=context, kind=SpanKind.SERVER, attributes=attributes):
        _, trace_id, span_id, flags = current_traceparent().split("-")
        yield Trace(trace_id, span_id, flags)


def name_span(method: str, template: str, status: int, request_id: str) -> None:
    """Tells the running span, if one is recorded, which route it was and how it ended."""
    span = trace.get_current_span()
    if span.is_recording():
        span.update_name(f"{method} {template}" if template else method)
        span.set_attributes(
            {"http.route": template, "http.response.status_code": status, "totetaxi.request_id": request_id}
        )


@contextmanager
def within(place: Trace) -> Iterator[None]:
    """Makes `place` current, so that logs and problem documents name it."""
    flags = TraceFlags(int(place.flags, 16))
    context = SpanContext(int(place.trace_id, 16), int(place.span_id, 16), is_remote=False, trace_flags=flags)
    with trace.use_span(NonRecordingSpan(context)):
        yield
