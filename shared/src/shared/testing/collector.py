"""A collector of telemetry: takes what processes export by OTLP over HTTP and lets tests look at it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """The spans, log lines and latest gauges that have arrived, a gauge with attributes as `name{their values}`.

    `processes` says whose a span is, by its id; `instances` who told metrics, `buckets` the bounds of each histogram.
    """

    url: str = ""
    spans: list[Any] = field(default_factory=list)
    processes: dict[bytes, str] = field(default_factory=dict)
    logs: list[Any] = field(default_factory=list)
    gauges: dict[str, float] = field(default_factory=dict)
    instances: set[str] = field(default_factory=set)
    buckets: dict[str, tuple[float, ...]] = field(default_factory=dict)
    raw: bytes = b""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_trace(self, trace_id: str) -> list[Any]:
        """All spans of a trace, in the order of their arrival."""
        return [span for span in self.spans if span.trace_id.hex() == trace_id]

    def take(self, path: str, body: bytes) -> None:
        """Keeps what a process exported; several do so at once."""
        with self._lock:
            self._take(path, body)

    def _take(self, path: str, body: bytes) -> None:
        if path == "/v1/traces":
            self.raw += body
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                about = {entry.key: entry.value.string_value for entry in resource.resource.attributes}
                process = f"{about['service.name']}-{about['totetaxi.role']}"
                # What an exporter is not told to have arrived, it sends again.
                of_all = (span for scope in resource.scope_spans for span in scope.spans)
                spans = [span for span in of_all if span.span_id not in self.processes]
                self.processes |= {span.span_id: process for span in spans}
                self.spans.extend(spans)
            return
        if path == "/v1/logs":
            self.raw += body
            for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
                self.logs += [line for scope in resource.scope_logs for line in scope.log_records]
            return
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            about = {entry.key: entry.value.string_value for entry in resource.resource.attributes}
            self.instances.add(about["service.instance.id"])
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for told in metric.histogram.data_points:
                        self.buckets[metric.name] = tuple(told.explicit_bounds)
                    for point in metric.gauge.data_points:
                        whose = ",".join(entry.value.string_value for entry in point.attributes)
                        name = f"{metric.name}{{{whose}}}" if whose else metric.name
                        self.gauges[name] = point.as_double or float(point.as_int)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens at `url` while the block runs."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
