"""With a collector the gateway's part of a trace is a real span."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@pytest.fixture
def collector():
    """A collector's address, and the spans that it got."""
    spans = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collect)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", spans
    server.shutdown()


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(("share", "asked", "recorded"), [("0", "01", False), ("1", "00", True), ("1", "01", True)])
def test_a_client_decides_neither_to_be_recorded_nor_not_to_be(
    start_gateway, services, collector, share, asked, recorded
):
    address, spans = collector
    sampling = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": share}
    gateway = start_gateway(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=address, **sampling)
    with gateway.client() as client:
        client.get("/api/bookings/services/", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-{asked}"})
    gateway.terminate()
    assert gateway.exit_code() == 0
    _, trace_id, _, flags = services.last.headers["traceparent"].split("-")
    assert (trace_id, int(flags, 16) & 1) == (TRACE, int(recorded))
    assert {span.trace_id.hex() for span in spans} == ({TRACE} if recorded else set())


def test_the_span_of_a_request_names_its_route_and_is_the_parent_of_the_services(start_gateway, services, collector):
    address, spans = collector
    gateway = start_gateway(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=address)
    with gateway.client() as client:
        answer = client.get("/api/bookings/services", headers={"X-Request-ID": "request-1"})
    gateway.terminate()
    assert gateway.exit_code() == 0
    # What an exporter is not told to have arrived, it may send again.
    (span,) = {span.span_id: span for span in spans}.values()
    attributes = {entry.key: entry.value for entry in span.attributes}
    assert span.name == "GET /api/bookings/services/"
    assert attributes["http.response.status_code"].int_value == 200
    assert attributes["totetaxi.request_id"].string_value == "request-1"
    _, trace_id, span_id, _ = services.last.headers["traceparent"].split("-")
    assert (trace_id, span_id) == (span.trace_id.hex(), span.span_id.hex())
    assert answer.headers["traceparent"].split("-")[1] == trace_id
