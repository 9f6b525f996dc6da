"""The report: tables, verdicts, JSON."""

import json
import math
from pathlib import Path

from bench.load import Figures
from bench.report import failures, table, text, write_json
from bench.run import Results
from bench.scenarios import Outcome

CPU = {"gateway api": 0.2, "catalog api": 0.2, "booking worker": 0.0, "postgres": 0.0, "rabbitmq": 0.0, "redis": 0.05}


def results(cpu: dict[str, float], failed: int = 0) -> Results:
    load = Figures(requests=1000, seconds=2.0, p50_ms=1.5, p99_ms=4.0, failures=failed)
    outcome = Outcome("catalogue", 0.5, (1.2, 1580), load, cpu | {"mailbox api": 7.0})
    return Results(seconds=60.0, outcomes=[outcome])


def line_of(report: str, name: str) -> str:
    return next(line for line in report.splitlines() if line.startswith(name))


def test_columns_line_up():
    lines = table(("name", "count"), [("a", "1"), ("longer", "12345")]).splitlines()
    assert lines == ["name    count", "─────────────", "a           1", "longer  12345"]


def test_the_sum_counts_the_product_and_not_its_tools():
    assert " 0.45   ✓ 0.5 " in line_of(text(results(CPU)), "catalogue")


def test_a_missed_target_is_marked():
    assert " 1.45   ✗ 0.5 " in line_of(text(results(CPU | {"catalog api": 1.2})), "catalogue")


def test_failed_requests_are_told():
    assert failures(results(CPU)) == []
    assert failures(results(CPU, failed=3)) == ["catalogue: 3 of 1000 failed"]


def test_the_json_holds_all_figures_and_no_nan(tmp_path: Path):
    measured = results(CPU | {"redis": math.nan})
    write_json(measured, tmp_path / "results.json")
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["outcomes"][0]["load"]["requests"] == 1000
    assert document["outcomes"][0]["cpu_ms"]["redis"] is None
    assert {"machine", "measured_at", "commit"} <= document.keys()


def test_a_busy_machine_is_told():
    measured = results(CPU)
    assert "Other programs" not in text(measured)
    measured.others_share = 0.4
    assert "Other programs took 40% of the machine" in text(measured)
