"""Alerts and dashboards speak of metrics that exist, and every alert says what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from devstack import SERVICES

from . import compose
from .instruments import instruments, names_in_prometheus

OBSERVING = compose.ROOT / "deploy" / "observing"
DASHBOARDS = sorted((OBSERVING / "grafana" / "dashboards").glob("*.json"))
# Told by the broker, by Prometheus and Alertmanager about themselves, and by the collector about each process.
FOREIGN = {
    "up",
    "ALERTS",
    "target_info",
    "prometheus_rule_evaluation_failures_total",
    "alertmanager_notifications_failed_total",
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_detailed_queue_messages_ready",
    "rabbitmq_process_resident_memory_bytes",
    "rabbitmq_resident_memory_limit_bytes",
    "rabbitmq_disk_space_available_bytes",
    "rabbitmq_disk_space_available_limit_bytes",
}
INNER = ("lhs", "rhs", "expr", "args", "vector_selector", "param")
UNITS = {"reqps", "ops", "cpm", "s", "short", "percentunit", "bytes"}
WORD = re.compile(r"`([a-z_]+(?:\.[a-z_]+)+)`")


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((OBSERVING / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels() -> list[tuple[str, dict[str, Any]]]:
    return [(path.stem, panel) for path in DASHBOARDS for panel in json.loads(path.read_text())["panels"]]


def expressions() -> list[tuple[str, str]]:
    shown = [(f"{name}: {panel['title']}", target["expr"]) for name, panel in panels() for target in panel["targets"]]
    return [(name, rule["expr"]) for name, rule in alerts().items()] + shown


def selectors(part: Any) -> Iterator[promql_parser.VectorSelector]:
    """All selectors within a parsed expression."""
    if isinstance(part, promql_parser.VectorSelector):
        yield part
    for name in INNER:
        inner = getattr(part, name, None)
        for one in inner if isinstance(inner, list) else [inner]:
            if one is not None:
                yield from selectors(one)


def metrics_of(expression: str) -> set[str]:
    """The names of all series that an expression asks for."""
    found = set()
    for selector in selectors(promql_parser.parse(expression)):
        matched = [one.value for one in selector.matchers.matchers if one.name == "__name__"]
        found |= {selector.name} if selector.name else {name for value in matched for name in value.split("|")}
    return found


def anchors(page: Path) -> set[str]:
    """What a browser calls the chapters of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("whose", "expression"), expressions())
def test_expressions_ask_for_what_is_measured(whose: str, expression: str) -> None:
    measured = set().union(*names_in_prometheus().values())
    asked = metrics_of(expression)
    assert asked or whose == "Watchdog"
    assert asked <= measured | FOREIGN


def test_no_label_of_a_metric_hides_whose_it_is() -> None:
    """A metric with an attribute `job` or `instance` is dropped by the collector, which makes these labels itself."""
    folders = ("shared/src", "gateway/src", "services")
    code = "".join(path.read_text() for folder in folders for path in (compose.ROOT / folder).rglob("*.py"))
    attributes = re.findall(r"\.(?:add|record)\([^{\n]+, (\{.*\})\)", code)
    assert len(attributes) > 5
    assert [found for found in attributes if re.search(r'"(job|instance)":', found)] == []


def test_counts_do_not_read_as_ratios() -> None:
    assert [name for name, (unit, kind) in instruments().items() if (unit, kind) == ("1", "gauge")] == []


@pytest.mark.parametrize(("name", "rule"), alerts().items())
def test_an_alert_says_how_urgent_it_is_and_what_to_do(name: str, rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket") or name == "Watchdog"
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors(compose.ROOT / page)


def test_every_measurement_that_is_said_to_page_has_an_alert() -> None:
    rows = [line for line in (compose.ROOT / "docs" / "metrics.md").read_text().splitlines() if line.startswith("| `")]
    promised = {WORD.findall(row)[0]: row.split("|")[-2] for row in rows}
    assert len(promised) > 10
    alarmed = {alert: metrics_of(rule["expr"]) for alert, rule in alerts().items()}
    for metric, cell in promised.items():
        named = set(re.findall(r"`([A-Z]\w+)`", cell))
        assert named, metric
        assert all(names_in_prometheus()[metric] & alarmed[alert] for alert in named), metric


def test_every_alert_is_tried_out() -> None:
    cases = yaml.safe_load((OBSERVING / "alerts.test.yml").read_text())["tests"]
    asked = [case for test in cases for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in asked if case["exp_alerts"]} == set(alerts())
    assert {case["alertname"] for case in asked if not case["exp_alerts"]} == set(alerts())


def test_the_silence_of_each_process_is_noticed() -> None:
    roles = {f"{service}-{role}" for service in SERVICES for role in ("api", "worker")} | {"gateway-api"}
    wanted = set()
    for selector in selectors(promql_parser.parse(alerts()["ProcessSilent"]["expr"])):
        labels = {one.name: one.value for one in selector.matchers.matchers}
        wanted.add(f"{labels['job'].removeprefix('totetaxi/')}-{labels['totetaxi_role']}")
    assert wanted == roles


def test_a_gauge_that_vanishes_is_noticed() -> None:
    gauges = {name for name, (_, kind) in instruments().items() if kind == "gauge"} - {"process.memory.usage"}
    expression = alerts()["MeasurementsMissing"]["expr"]
    of_workers = {name for gauge in gauges - {"gateway.breaker.open"} for name in names_in_prometheus()[gauge]}
    assert metrics_of(expression) == of_workers | {"gateway_breaker_open"}
    assert f") < {len(of_workers)}\n" in expression


@pytest.mark.parametrize(("dashboard", "panel"), panels())
def test_a_panel_has_a_title_a_unit_and_its_source(dashboard: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"]["uid"] == "prometheus"
    assert all(target["legendFormat"] for target in panel["targets"])


def test_dashboards_can_be_told_apart_and_so_can_their_panels() -> None:
    documents = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert {document["title"] for document in documents} >= {"Overview", "Messaging", "Processes"}
    assert len({document["uid"] for document in documents}) == len(documents) == 4
    for document in documents:
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in document["panels"]]
        ids = [panel["id"] for panel in document["panels"]]
        assert len(set(places)) == len(set(ids)) == len(document["panels"])


def mounts(container: str) -> dict[str, str]:
    """The files of this repository that a container sees, by their place within it."""
    bound = [volume.split(":") for volume in compose.services()[container]["volumes"] if volume.startswith("./")]
    assert all(mode == "ro" for _, _, mode in bound)
    return {inside: outside for outside, inside, _ in bound}


def test_prometheus_finds_its_rules_and_all_whom_it_asks() -> None:
    seen = mounts("prometheus")
    config = yaml.safe_load((compose.ROOT / seen["/etc/prometheus/prometheus.yml"]).read_text())
    assert all((compose.ROOT / seen[rules]).exists() for rules in config["rule_files"])
    asked = [place for job in config["scrape_configs"] for group in job["static_configs"] for place in group["targets"]]
    (manager,) = config["alerting"]["alertmanagers"]
    told = manager["static_configs"][0]["targets"]
    collector = yaml.safe_load((compose.ROOT / "deploy" / "compose" / "otel-collector.yml").read_text())
    assert f"otel-collector:{collector['exporters']['prometheus']['endpoint'].split(':')[1]}" in asked
    assert {place.split(":")[0] for place in asked + told} <= set(compose.services()) | {"127.0.0.1"}
    honoured = {job["job_name"] for job in config["scrape_configs"] if job.get("honor_labels")}
    assert honoured == {"otel-collector"}


def test_grafana_finds_its_sources_and_dashboards() -> None:
    seen = mounts("grafana")
    provisioned = compose.ROOT / seen["/etc/grafana/provisioning"]
    sources = yaml.safe_load((provisioned / "datasources" / "datasources.yml").read_text())["datasources"]
    hosts = {source["url"].removeprefix("http://").split(":")[0] for source in sources}
    assert {"prometheus", "jaeger"} <= hosts <= set(compose.services())
    (provider,) = yaml.safe_load((provisioned / "dashboards" / "dashboards.yml").read_text())["providers"]
    assert sorted((compose.ROOT / seen[provider["options"]["path"]]).glob("*.json")) == DASHBOARDS
    home = compose.services()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (compose.ROOT / seen[str(Path(home).parent)] / Path(home).name).exists()


def test_every_alert_reaches_somebody() -> None:
    content = compose.document()["configs"]["alertmanager"]["content"]
    config = yaml.safe_load(compose.filled_in(content, dict.fromkeys(compose.variables(), "somewhere")))
    receivers = {receiver["name"]: receiver for receiver in config["receivers"]}
    routes = {route["matchers"][0]: receivers[route["receiver"]] for route in config["route"]["routes"]}
    assert receivers[config["route"]["receiver"]]["email_configs"][0]["to"] == "somewhere"
    assert routes['severity = "ticket"']["email_configs"][0]["to"] == "somewhere"
    assert routes['alertname = "Watchdog"']["webhook_configs"][0]["url"] == "somewhere"


def test_processes_tell_more_often_than_their_metrics_expire() -> None:
    collector = yaml.safe_load((compose.ROOT / "deploy" / "compose" / "otel-collector.yml").read_text())
    assert collector["exporters"]["prometheus"]["metric_expiration"] == "1m"
    for container in compose.built().values():
        assert int(container["environment"]["OTEL_METRIC_EXPORT_INTERVAL"]) <= 20_000
