"""Sets telemetry up for one process.

Without an exporter in the environment no span is recorded, which costs next to nothing, and the trace context still
travels through every hop, so that logs of all processes carry the same trace id.
"""

import logging
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.sdk.resources import Resource

from shared.context import correlation_id

log = logging.getLogger(__name__)
tracer = trace.get_tracer("totetaxi")
meter = metrics.get_meter("totetaxi")

FLUSH_SECONDS = 2.0

REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15)
"""The buckets of durations of requests; OpenTelemetry's own go up to 10,000, which are milliseconds."""

_QUIET_LOGGERS = {
    "opentelemetry": "ERROR",
    "aio_pika": "WARNING",
    "aiormq": "ERROR",
    "uvicorn.error": "WARNING",
    "stripe": "WARNING",
    "alembic": "WARNING",
}
_VALUES_IN_ERRORS = re.compile(r"^\s*DETAIL:.*\n?", re.MULTILINE)
"""PostgreSQL names the values that it refuses; they may be people's."""

_STATM = Path("/proc/self/statm")
"""Where Linux says how many pages of memory a process has; other systems have no such file."""

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def without_values(error: str) -> str:
    """What an error says, without the values that the database names in it."""
    return _VALUES_IN_ERRORS.sub("", error)


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
        return orjson.dumps(entry | self.fields_of(record), default=str).decode()

    def fields_of(self, record: logging.LogRecord) -> dict[str, Any]:
        """The line's own fields, the request that it belongs to, and an error without values."""
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
        if request := correlation_id.get():
            fields["request_id"] = request
        if record.exc_info:
            fields["exception"] = without_values(self.formatException(record.exc_info))
        return fields


def _exports(signal: str) -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    chosen = os.environ.get(f"OTEL_{signal}_EXPORTER")
    if chosen is not None:
        return chosen == "otlp"
    return bool(
        os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    )


def metrics_enabled() -> bool:
    """Whether this process exports metrics."""
    return _exports("METRICS")


def tracing_enabled() -> bool:
    """Whether this process exports spans."""
    return _exports("TRACES")


def _logs_are_exported() -> bool:
    """Only if asked for: they are on standard output in any case, and few collectors take them."""
    asked = os.environ.get("OTEL_LOGS_EXPORTER") or os.environ.get("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT")
    return bool(asked) and _exports("LOGS")


def setup_telemetry(service: str, role: str, log_level: str = "INFO") -> None:
    """Logs as JSON to standard output; traces, metrics, and logs if asked, to the collector that `OTEL_*` names."""
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    resource = _resource(service, role)
    formatter = JsonFormatter(f"{service}-{role}")
    printed = logging.StreamHandler(sys.stdout)
    printed.setFormatter(formatter)
    handlers: list[logging.Handler] = [printed]
    if _logs_are_exported():
        from shared.telemetry.exported_logs import ExportedLogs

        handlers.append(ExportedLogs(resource, formatter.fields_of))
    logging.basicConfig(level=log_level, handlers=handlers, force=True)
    for name, level in _QUIET_LOGGERS.items():
        logging.getLogger(name).setLevel(level)
    if tracing_enabled():
        _export_traces(resource)
    if metrics_enabled():
        _export_metrics(resource)


def _resource(service: str, role: str) -> Resource:
    """Says whose the telemetry is. The instance reads well in an alarm, and a container that starts again keeps it."""
    instance = f"{role}-{socket.gethostname()}-{os.getpid()}"
    return Resource.create(
        {
            "service.name": service,
            "service.namespace": "totetaxi",
            "service.instance.id": instance,
            "totetaxi.role": role,
        }
    )


def _export_traces(resource: Resource) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider

    from shared.telemetry.scrubbing import ScrubbingProcessor

    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(ScrubbingProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def _export_metrics(resource: Resource) -> None:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider([reader], resource, shutdown_on_exit=False))
    _observe_process()


def _observe_process() -> None:
    """Reports what the process itself takes: CPU seconds since its start, and bytes of memory."""
    page = os.sysconf("SC_PAGE_SIZE")

    def resident(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
        if _STATM.exists():
            yield metrics.Observation(int(_STATM.read_text().split()[1]) * page)

    meter.create_observable_counter(
        "process.cpu.time", [lambda _: [metrics.Observation(time.process_time())]], "s", "CPU time used"
    )
    meter.create_observable_gauge("process.memory.usage", [resident], "By", "Memory that is resident")


def shutdown_telemetry() -> None:
    """Sends what is still buffered, for at most 2 s; a collector that does not answer keeps no process alive."""
    providers = (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider())
    stops = [stop for provider in providers if (stop := getattr(provider, "shutdown", None)) is not None]
    threads = [threading.Thread(target=stop, daemon=True) for stop in stops]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + FLUSH_SECONDS
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
