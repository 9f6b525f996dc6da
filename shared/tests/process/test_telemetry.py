"""One trace runs from a request to all that follows; what is exported says nothing about people."""

from functools import partial
from typing import Any

import psycopg
import pytest
from shared.testing.collector import Collector
from shared.testing.waiting import wait_until

from .conftest import PATIENCE, Probe

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER_SPAN = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{CALLER_SPAN}-01"
HEADERS = {"traceparent": TRACEPARENT, "X-Request-ID": "request-77"}
ERROR = 2
SECRET = "ada@example.com"


def named(spans: list[Any], start: str) -> Any:
    found = [span for span in spans if span.name.startswith(start)]
    assert found, f"{start} is not among {sorted(span.name for span in spans)}"
    return found[0]


def path_to_root(span: Any, spans: list[Any]) -> list[str]:
    """The names from a span up to the one whose parent is not ours."""
    by_id = {other.span_id: other for other in spans}
    names = [span.name]
    while (span := by_id.get(span.parent_span_id)) is not None:
        names.append(span.name)
    return names


@pytest.fixture
def exporting(probe: Probe, collector: Collector) -> Probe:
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    probe.start("api", **environment)
    probe.start("worker", **environment)
    return probe


def test_one_trace_runs_from_the_request_to_the_effect_of_its_event(exporting: Probe, collector: Collector) -> None:
    assert exporting.post("/api/alerts/", {"key": SECRET}, **HEADERS).json() == {"asked": 200}
    exporting.until("SELECT 1 FROM effects")

    def path_of(name: str, word: str) -> list[str]:
        """The way up from the one span of that name; a parent may be exported long after its children."""
        seen = collector.of_trace(TRACE_ID)
        (span,) = [span for span in seen if span.name.startswith(name) and word in str(span)] or [None]
        return path_to_root(span, seen)[1:] if span else []

    paths = {
        ("INSERT", "effects"): ["process alert.raised.v1", "publish alert.raised.v1", "POST /api/alerts/"],
        ("GET /internal/ping/", ""): ["GET booking", "POST /api/alerts/"],
    }
    wait_until(lambda: {key: path_of(*key) for key in paths} == paths, PATIENCE, "the ways up to the request")
    request = named(collector.of_trace(TRACE_ID), "POST /api/alerts/")
    assert request.parent_span_id.hex() == CALLER_SPAN
    assert [row[0] for row in exporting.query("SELECT trace_context->>'traceparent' FROM outbox")] == [
        f"00-{TRACE_ID}-{request.span_id.hex()}-01"
    ]


def test_nothing_that_people_wrote_is_in_spans_nor_in_logs(exporting: Probe, collector: Collector) -> None:
    for _ in range(2):
        last = exporting.post("/api/again/", {"key": SECRET}, **HEADERS)
    assert last.status_code == 500
    assert last.json()["trace_id"] == TRACE_ID

    def all_arrived() -> bool:
        spans = collector.of_trace(TRACE_ID)
        failed = [span for span in spans if span.name.startswith("INSERT") and span.status.code == ERROR]
        return bool(failed) and len([span for span in spans if span.name == "POST /api/again/"]) == 2

    wait_until(all_arrived, PATIENCE, "the spans of both requests, the failed statement among them")
    assert SECRET.encode() not in collector.raw
    (entry,) = [entry for entry in exporting.log("api") if entry["message"] == "unexpected error"]
    assert "UniqueViolation" in entry["exception"]
    assert SECRET not in str(entry)
    assert (entry["trace_id"], entry["request_id"]) == (TRACE_ID, "request-77")


def test_logs_go_to_the_collector_too_if_asked_for_and_name_nobody(probe: Probe, collector: Collector) -> None:
    probe.start(
        "api", OTEL_LOGS_EXPORTER="otlp", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BLRP_SCHEDULE_DELAY="100"
    )
    for _ in range(2):
        probe.post("/api/again/", {"key": SECRET}, **HEADERS)

    def told() -> list[Any]:
        return [line for line in collector.logs if line.body.string_value == "unexpected error"]

    (line,) = wait_until(told, PATIENCE, "the line about the error")
    fields = {entry.key: entry.value.string_value for entry in line.attributes}
    assert (line.trace_id.hex(), line.severity_text, fields["request_id"]) == (TRACE_ID, "ERROR", "request-77")
    assert "UniqueViolation" in fields["exception"]
    assert SECRET.encode() not in collector.raw


def test_health_checks_and_idle_loops_leave_no_spans(exporting: Probe, collector: Collector) -> None:
    for process in exporting.processes():
        for kind in ("live", "ready"):
            wait_until(lambda ask=partial(process.health, kind): ask()[0] == 200, PATIENCE, f"{kind} health")
    exporting.post("/api/alerts/", {"key": "one"}, **HEADERS)
    last = {"POST /api/alerts/", "process alert.raised.v1"}  # of either process: what came before is exported before

    def all_arrived() -> bool:
        return last <= {span.name for span in collector.of_trace(TRACE_ID)}

    wait_until(all_arrived, PATIENCE, "the spans of the request")
    others = {span.name for span in collector.spans if span.trace_id.hex() != TRACE_ID}
    assert {name for name in others if not name.startswith("job ")} <= {"DELETE", "COMMIT"}


def test_the_gauges_that_page_are_exported(exporting: Probe, collector: Collector) -> None:
    with psycopg.connect(exporting.database_url) as connection:
        connection.execute(
            "INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, ordinal, type, time, data,"
            " trace_context, parked_at) VALUES (gen_random_uuid(), 'alert', gen_random_uuid(), 1, 0, 'x', "
            "now() - interval '1 hour', '{}', '{}', now())"
        )
        connection.execute(
            "INSERT INTO heartbeats (name, kind, every_seconds, last_success_at)"
            " VALUES ('forgotten', 'job', 60, now() - interval '1 hour')"
        )
    names = {"outbox.waiting", "outbox.oldest_age", "messages.parked", "consumer.idle_with_backlog", "db.pool.in_use"}
    names |= {"db.pool.waiting", "db.pool.limit", "invariants.violated", "process.memory.usage"}

    def exported() -> bool:
        found = collector.gauges.get("outbox.parked"), collector.gauges.get("heartbeats.missed")
        return found == (1, 1) and collector.gauges.keys() >= names

    wait_until(exported, PATIENCE, "the gauges, with the parked event")
    assert collector.gauges["outbox.oldest_age"] >= 3600


def test_processes_of_a_service_are_told_apart(exporting: Probe, collector: Collector) -> None:
    wait_until(lambda: len(collector.instances) == 2, PATIENCE, "the metrics of both")
    assert {instance.partition("-")[0] for instance in collector.instances} == {"api", "worker"}


def test_the_duration_of_a_job_is_told_in_seconds(exporting: Probe, collector: Collector) -> None:
    wait_until(lambda: "job.duration" in collector.buckets, PATIENCE, "how long a job took")
    assert len([bound for bound in collector.buckets["job.duration"] if bound < 1]) > 2


def test_a_collector_that_is_down_stops_neither_requests_nor_the_end(probe: Probe) -> None:
    down = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_MAX_QUEUE_SIZE": "16"}
    down["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] = "4"
    processes = [probe.start("api", **down), probe.start("worker", **down)]
    for index in range(20):
        assert probe.post("/api/alerts/", {"key": str(index)}, **HEADERS).status_code == 200
    probe.until("SELECT 1 FROM effects HAVING count(*) = 20")
    for process in processes:
        process.terminate()
    assert [process.exit_code(10) for process in processes] == [0, 0]
