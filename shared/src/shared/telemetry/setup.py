"""Sets telemetry up for one process.

Without an exporter in the environment no span is recorded, which costs next to nothing, and the trace context still
travels through every hop, so that logs of all processes carry the same trace id.
"""

import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
from opentelemetry import metrics, trace
from opentelemetry.sdk.resources import Resource

from shared.context import correlation_id

tracer = trace.get_tracer("totetaxi")
meter = metrics.get_meter("totetaxi")

_QUIET_LOGGERS = {
    "aio_pika": "WARNING",
    "aiormq": "ERROR",
    "uvicorn.error": "WARNING",
    "stripe": "WARNING",
    "alembic": "WARNING",
}
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids of the trace and of the request that it belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            entry |= {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
        if request := correlation_id.get():
            entry["request_id"] = request
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()


def _exports(signal: str) -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    chosen = os.environ.get(f"OTEL_{signal}_EXPORTER")
    if chosen is not None:
        return chosen == "otlp"
    return bool(
        os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    )


def tracing_enabled() -> bool:
    """Whether this process exports spans."""
    return _exports("TRACES")


def setup_telemetry(service: str, role: str, log_level: str = "INFO") -> None:
    """Logs as JSON to standard output; traces and metrics to the collector that `OTEL_*` names, if any."""
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(f"{service}-{role}"))
    logging.basicConfig(level=log_level, handlers=[handler], force=True)
    for name, level in _QUIET_LOGGERS.items():
        logging.getLogger(name).setLevel(level)
    resource = Resource.create({"service.name": service, "service.namespace": "totetaxi", "totetaxi.role": role})
    if tracing_enabled():
        _export_traces(resource)
    if _exports("METRICS"):
        _export_metrics(resource)


def _export_traces(resource: Resource) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def _export_metrics(resource: Resource) -> None:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader]))


def shutdown_telemetry() -> None:
    """Sends what is still buffered, for at most 2 s."""
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush(2000)
    stop_metrics = getattr(metrics.get_meter_provider(), "shutdown", None)
    if stop_metrics is not None:
        stop_metrics(timeout_millis=2000)
