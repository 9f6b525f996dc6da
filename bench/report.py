"""The figures as tables for people, and as JSON for what compares them."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import crowd, office
from bench.events import BOOKINGS_PER_SECOND, Burst, Pace
from bench.figures import added
from bench.nginx import TARGET_RATIO, Comparison, Passing
from bench.office import TARGET_MS, Wait
from bench.run import Results
from bench.scenarios import Outcome
from bench.stack import OURS, grouped

RESULTS = Path(__file__).with_name("results.json")
LAG_TARGET_MS = 1000.0
QUIET = 0.05
"""More of the machine than this in other programs' hands makes the figures those of a busy machine."""

Row = Sequence[str]


def text(results: Results) -> str:
    """All tables."""
    parts = [_machine_line(), f"Measured in {results.seconds:.0f} s.{_company(results.others_share)}"]
    if results.comparison:
        parts.append(_comparison(results.comparison))
    if results.outcomes:
        parts.append(_outcomes(results.outcomes))
    if results.pace:
        parts.append(_pace(results.pace))
    if results.burst:
        parts.append(_burst(results.burst))
    if results.office:
        parts.append(_office(results.office, office.title()))
    if results.crowd:
        parts.append(_office(results.crowd, crowd.title()))
    return "\n\n".join([*parts, _memory(results)])


def _company(share: float) -> str:
    if share < QUIET:
        return ""
    return (
        f" Other programs took {share:.0%} of the machine: speeds are too low, and CPU per request is too high,"
        "\nsince every process finds its caches cold."
    )


def failures(results: Results) -> list[str]:
    """What makes the figures worthless: requests that were not answered as they should have been."""
    loads = {outcome.name: outcome.load for outcome in results.outcomes}
    if results.comparison:
        loads |= {"nginx": results.comparison.nginx.load, "gateway": results.comparison.gateway.load}
    counts = {name: (load.failures, load.requests) for name, load in loads.items()}
    counts |= {
        f"office, {wait.name}": (wait.load.failures, wait.load.requests) for wait in results.office + results.crowd
    }
    if results.pace:
        counts["steady bookings"] = (results.pace.failures, results.pace.bookings + results.pace.failures)
    return [f"{name}: {failed} of {total} failed" for name, (failed, total) in counts.items() if failed]


def write_json(results: Results, path: Path = RESULTS) -> None:
    """All figures with the machine, the moment and the commit they belong to."""
    document = {"machine": _machine(), "measured_at": datetime.now(UTC), "commit": _commit(), **asdict(results)}
    path.write_text(json.dumps(_without_nan(document), indent=2, default=str) + "\n")


def table(head: Row, rows: Iterable[Row]) -> str:
    """Columns under a line; the first one left, the others right."""
    rows = list(rows)
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(_cell(row, column, widths[column]) for column in range(len(head))) for row in (head, *rows)]
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def _cell(row: Row, column: int, width: int) -> str:
    return row[column].ljust(width) if column == 0 else row[column].rjust(width)


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    head = ("through the gateway", "req/s", "p50 ms", "p99 ms", "CPU ms", "target", *OURS, "apart", "monolith")
    return table(head, (_outcome(outcome) for outcome in outcomes)) + (
        "\nCPU ms is per request, everything put off until later counted in; it is the sum of the columns right of the"
        "\ntarget up to valkey. Apart: Stripe sandbox and other development tools. Monolith: CPU ms (requests/s)."
    )


def _outcome(outcome: Outcome) -> Row:
    groups = grouped(outcome.cpu_ms)
    load, total = outcome.load, added(groups[group] for group in OURS)
    monolith, rate = outcome.monolith
    before = f"{monolith:g}" + (f" ({rate:,.0f})" if rate else "")
    return (
        outcome.name,
        f"{load.per_second:,.0f}",
        f"{load.p50_ms:.1f}",
        f"{load.p99_ms:.1f}",
        f"{total:.2f}",
        _against(total, outcome.target_ms),
        *(f"{groups[group]:.2f}" for group in OURS),
        f"{groups['development']:.2f}",
        before,
    )


def _against(figure: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"{'✓' if figure <= target else '✗'} {target:g}"


def _comparison(comparison: Comparison) -> str:
    nginx = comparison.nginx.load.per_second
    rows = [
        _passing("nginx", comparison.nginx, nginx),
        _passing("gateway, session and limits", comparison.gateway, nginx),
        _passing("gateway, public page", comparison.gateway_public, nginx),
    ]
    head = ("same upstream, 1.6 KB", "req/s", "of nginx", "p50 ms", "p99 ms", "CPU ms", "valkey")
    verdict = "✓" if comparison.ratio >= TARGET_RATIO else "✗"
    return table(head, rows) + f"\n{verdict} The gateway is to reach {TARGET_RATIO:g} of nginx, one process each."


def _passing(name: str, passing: Passing, nginx: float) -> Row:
    load = passing.load
    return (
        name,
        f"{load.per_second:,.0f}",
        f"{load.per_second / nginx:.2f}",
        f"{load.p50_ms:.1f}",
        f"{load.p99_ms:.1f}",
        f"{passing.cpu_ms:.3f}",
        f"{passing.valkey_ms:.3f}",
    )


def _pace(pace: Pace) -> str:
    spreads = [("all events", pace.lag), *pace.lag_by_event.items(), ("request → confirmation", pace.confirmed_after)]
    rows = [(name, str(s.count), f"{s.p50:.0f}", f"{s.p99:.0f}", f"{s.longest:.0f}") for name, s in spreads]
    groups = grouped(pace.cpu_ms)
    return (
        table(("lag from record to effect", "count", "p50 ms", "p99 ms", "max ms"), rows)
        + f"\n{'✓' if pace.lag.p99 < LAG_TARGET_MS else '✗'} p99 is to stay below {LAG_TARGET_MS:g} ms at"
        f" {BOOKINGS_PER_SECOND} bookings a second, each paid at once ({pace.per_second:.1f} a second were reached)."
        f"\nCPU per booking, paid and confirmed: {added(groups[group] for group in OURS):.1f} ms"
        f" ({', '.join(f'{group} {groups[group]:.1f}' for group in OURS)}; apart {groups['development']:.1f})."
    )


def _burst(burst: Burst) -> str:
    groups = grouped(burst.cpu_ms)
    return (
        f"Outbox → broker → inbox: {burst.events / burst.seconds:,.0f} events/s, each handled by"
        f" {burst.deliveries / max(1, burst.events):.1f} services ({burst.deliveries / burst.seconds:,.0f} effects/s);"
        f" {burst.events:,} events in {burst.seconds:.1f} s, {added(groups[group] for group in OURS):.2f} CPU ms each."
    )


def _office(waits: Sequence[Wait], title: str) -> str:
    rows = [
        (
            w.name,
            f"{w.load.per_second:,.0f}",
            f"{w.load.p50_ms:.1f}",
            f"{w.load.p99_ms:.1f}",
            _against(w.load.p99_ms, TARGET_MS),
        )
        for w in waits
    ]
    return table((f"the office, {title}", "req/s", "p50 ms", "p99 ms", "target"), rows)


def _memory(results: Results) -> str:
    if not results.memory_idle:
        return "Memory could not be read: it takes the right to look into other users' processes."
    groups = (*OURS, "development")
    idle, after = results.memory_idle, results.memory_after
    cpu = grouped(results.idle_cpu)
    rows = [(group, f"{idle[group]:.0f}", f"{after[group]:.0f}", f"{cpu[group] * 100:.1f}") for group in groups]
    return table(("memory, PSS in MiB", "idle", "after", "CPU % idle"), rows)


def _machine() -> dict[str, Any]:
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cpu": model or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load_average_at_end": os.getloadavg()[0],
    }


def _machine_line() -> str:
    machine = _machine()
    return f"{machine['cores']} cores of {machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _commit() -> str:
    done = subprocess.run(("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _without_nan(value: Any) -> Any:
    """JSON knows no NaN: what could not be measured is null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return value
