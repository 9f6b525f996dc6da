"""Traces, metrics and logs by OpenTelemetry, switched by the standard `OTEL_*` variables."""

from shared.telemetry.propagation import current_traceparent, remote_context
from shared.telemetry.setup import meter, setup_telemetry, shutdown_telemetry, tracer

__all__ = ["current_traceparent", "meter", "remote_context", "setup_telemetry", "shutdown_telemetry", "tracer"]
