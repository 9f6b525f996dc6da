"""One trace runs from the browser's request to the e-mail, and says nothing about people."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from devstack.testing import RunningStack
from shared.testing.collector import Collector, collecting
from shared.testing.waiting import wait_until

from .browser import Booked, Browser, a_move
from .world import World

PATIENCE = 60.0
SENT = "send booking_received"
STEPS = (
    ("gateway-api", "POST /api/bookings/guest-booking/"),
    ("booking-api", "POST /api/bookings/guest-booking/"),
    ("booking-api", "INSERT"),
    ("payments-api", "POST /internal/payment-intents"),
    ("booking-worker", "publish booking.created.v1"),
    ("payments-worker", "process booking.created.v1"),
    ("customers-worker", "process booking.created.v1"),
    ("notifications-worker", "process booking.created.v1"),
    ("notifications-worker", SENT),
)


@dataclass(frozen=True)
class Recording:
    """What the processes of a stack exported about one guest's booking, once it was paid and confirmed."""

    collector: Collector
    body: dict[str, Any]
    booked: Booked
    trace_id: str

    @property
    def spans(self) -> list[Any]:
        return self.collector.of_trace(self.trace_id)

    def by(self, process: str, name: str) -> list[Any]:
        """The spans of a process with such names."""
        own = (span for span in self.spans if self.collector.processes[span.span_id] == process)
        return [span for span in own if span.name.startswith(name)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the stack runs; other system users may enter it."""
    made = Path(tempfile.mkdtemp(prefix="totetaxi-trace-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def recording(folder: Path) -> AsyncIterator[Recording]:
    """A stack of its own, since what a process exports is chosen at its start."""
    with collecting() as collector:
        settings = {
            "TRUSTED_PROXIES": "127.0.0.0/8",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        running = RunningStack(folder, settings)
        try:
            await asyncio.to_thread(running.start)
            yield await _record(World(running), collector)
        finally:
            await asyncio.to_thread(running.stop)


async def _record(world: World, collector: Collector) -> Recording:
    async with Browser(world.stack) as browser:
        body = a_move()
        answer = await browser.post("/api/bookings/guest-booking/", body)
        recording = Recording(collector, body, Booked(answer.json()), answer.headers["traceparent"].split("-")[1])
        await browser.pay(recording.booked.intent)
        await browser.confirm(recording.booked.intent)
        await world.until_status(recording.booked, "paid", timeout=PATIENCE)
        await world.until_quiet()
        assert world.confirmations()[recording.booked.number] == 1
    return recording


async def test_one_trace_runs_from_the_browser_to_the_email(recording: Recording) -> None:
    def missing() -> list[tuple[str, str]]:
        return [step for step in STEPS if not recording.by(*step)]

    def orphans() -> list[str]:
        known = {span.span_id for span in recording.spans}
        return [span.name for span in recording.spans if span.parent_span_id and span.parent_span_id not in known]

    def is_whole() -> bool:
        return not missing() and not orphans()

    await asyncio.to_thread(_until, is_whole, lambda: f"spans of {missing()}, parents of {orphans()}")
    roots = [span for span in recording.spans if not span.parent_span_id]
    assert [recording.collector.processes[root.span_id] for root in roots] == ["gateway-api"]
    assert "booking-worker" in _processes_above(recording, recording.by("notifications-worker", SENT)[0])
    _tells_nothing_about_people(recording)


def _until(condition: Any, what: Any) -> None:
    try:
        wait_until(condition, PATIENCE)
    except AssertionError as late:
        raise AssertionError(f"The trace lacks {what()}") from late


def _processes_above(recording: Recording, span: Any) -> list[str]:
    """The processes on the way from a span up to the request."""
    by_id = {other.span_id: other for other in recording.spans}
    above = []
    while (span := by_id.get(span.parent_span_id)) is not None:
        above.append(recording.collector.processes[span.span_id])
    assert above[-1] == "gateway-api"
    return above


def _tells_nothing_about_people(recording: Recording) -> None:
    """Neither what the guest wrote, nor secrets, nor the values in SQL statements."""
    guest, booked = recording.body["customer_info"], recording.booked
    streets = [address["address_line_1"] for address in recording.body["addresses"].values()]
    secrets = [booked.manage_token, booked.intent["client_secret"]]
    for word in (guest["email"], guest["last_name"], guest["phone"], *streets, *secrets, "2125550123"):
        assert word.encode() not in recording.collector.raw, word
    for span in recording.collector.spans:
        keys = {entry.key for entry in span.attributes}
        assert not {key for key in keys if "param" in key or "body" in key}, keys
    statements = [
        entry.value.string_value
        for span in recording.spans
        for entry in span.attributes
        if entry.key in ("db.statement", "db.query.text")
    ]
    assert any("INSERT INTO bookings" in statement for statement in statements)
