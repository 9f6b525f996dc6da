"""Carries a trace's context across processes in the W3C `traceparent` form."""

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()


def current_traceparent() -> str:
    """The present span as a `traceparent` value; empty outside of any trace."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return ""
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"


def remote_context(traceparent: str) -> Context:
    """The context in which work continues that `traceparent` names; a fresh one if it is empty or wrong."""
    return _propagator.extract({"traceparent": traceparent}, context=context.Context())
