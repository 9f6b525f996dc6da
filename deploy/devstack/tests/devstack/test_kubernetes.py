"""deploy/kubernetes is held to what the services read and answer, to Kubernetes' own schemas, and to itself."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from devstack import SERVICES
from gateway.cli import app as gateway_cli
from gateway.routes import ROUTES
from shared.cli import service_cli
from shared.http.health import health_routes
from shared.messaging.topology import events_queue
from shared.settings import ServiceSettings

from . import compose, kustomize, told
from .kustomize import Thing, containers, name_of

FOLDER = compose.ROOT / "deploy" / "kubernetes"
THINGS = kustomize.build(FOLDER / "site")
PARTS = ("gateway", *SERVICES)
RUN_PODS = [thing for thing in THINGS if thing["kind"] in ("Deployment", "Job")]
each_that_runs = pytest.mark.parametrize("thing", RUN_PODS, ids=name_of)
LAST_SECONDS = 10
"""In which every process has ended after SIGTERM."""


def of_kind(kind: str) -> dict[str, Thing]:
    return {name_of(thing): thing for thing in THINGS if thing["kind"] == kind}


def pod(thing: Thing) -> Thing:
    return dict(thing["spec"]["template"]["spec"])


def labels(thing: Thing) -> dict[str, str]:
    return dict(thing["metadata"]["labels"])


def part(thing: Thing) -> str:
    return labels(thing)["app.kubernetes.io/name"]


def environment(thing: Thing) -> dict[str, str]:
    """What its process is told, a site's own values filled in."""
    (container,) = containers(thing)
    assert "env" not in container
    given: dict[str, str] = {}
    for source in container["envFrom"]:
        if "secretRef" in source:
            assert source["secretRef"]["name"] == f"{part(thing)}-secrets"
            given |= told.secrets_of(part(thing))
        else:
            given |= of_kind("ConfigMap")[source["configMapRef"]["name"]].get("data", {})
    return told.filled_in(given)


def without_hashes(rendered: str) -> list[Thing]:
    return list(yaml.safe_load_all(re.sub(r"(name: (common|\w+-settings))-\w{10}$", r"\1", rendered, flags=re.M)))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("folder", ["base", "site"])
def test_they_are_read_here_as_kubectl_reads_them(folder: str) -> None:
    command = ["kubectl", "kustomize", FOLDER / folder]
    rendered = without_hashes(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    order = {(thing["kind"], name_of(thing)): thing for thing in rendered}
    assert {(thing["kind"], name_of(thing)): thing for thing in kustomize.build(FOLDER / folder)} == order


@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_they_are_valid_for_the_oldest_and_the_newest_kubernetes(version: str) -> None:
    known = [thing for thing in THINGS if not thing["apiVersion"].startswith("keda.sh/")]
    assert len(known) > 50
    for thing in known:
        kubernetes_validate.validate(thing, version, strict=True)


def test_every_service_has_its_three_kinds_of_processes_and_the_gateway_one() -> None:
    deployments = {f"{service}-{role}" for service in SERVICES for role in ("api", "worker")}
    assert set(of_kind("Deployment")) == deployments | {"gateway"}
    assert set(of_kind("Job")) == {f"{service}-migrate" for service in SERVICES}


@each_that_runs
def test_a_process_is_told_nothing_that_it_does_not_read(thing: Thing) -> None:
    assert set(environment(thing)) - told.OF_LIBRARIES <= told.read_by(part(thing))


@each_that_runs
def test_what_a_process_is_told_is_enough_outside_development(thing: Thing, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in environment(thing).items():
        monkeypatch.setenv(name, value)
    assert told.settings_class(part(thing))().model_dump()["debug"] is False


def test_a_process_is_told_all_that_compose_tells_it() -> None:
    for thing in RUN_PODS:
        in_compose = set(compose.services()[name_of(thing)]["environment"])
        assert in_compose - told.IN_IMAGE - {"BACKUP_DIR"} == set(environment(thing)), name_of(thing)


def callers_of(name: str) -> set[str]:
    return {one for one in PARTS if f"{name.upper()}_URL" in told.read_by(one)}


@pytest.mark.parametrize("name", PARTS)
def test_it_is_found_by_its_callers_and_open_to_nobody_else(name: str) -> None:
    title = name if name == "gateway" else f"{name}-api"
    for thing in (one for one in RUN_PODS if part(one) in callers_of(name)):
        assert environment(thing)[f"{name.upper()}_URL"] == f"http://{title}:8000"
    policy = of_kind("NetworkPolicy")[title]["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= labels(of_kind("Deployment")[title]).items()
    (rule,) = policy["ingress"]
    assert rule["ports"] == [{"port": "http"}]
    pods = [one["podSelector"]["matchExpressions"][0] for one in rule["from"] if "podSelector" in one]
    assert [(one["key"], one["operator"]) for one in pods] == [("app.kubernetes.io/name", "In")]
    assert set(pods[0]["values"]) == callers_of(name)
    assert len(rule["from"]) == (2 if name == "gateway" else 1)


def test_what_no_policy_names_is_closed() -> None:
    policies = of_kind("NetworkPolicy")
    closed = policies.pop("closed")["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert set(policies) == {"gateway", *(f"{service}-api" for service in SERVICES)}


def test_the_ingress_leads_to_the_api_alone() -> None:
    (rule,) = of_kind("Ingress")["gateway"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    service = of_kind("Service")[path["backend"]["service"]["name"]]
    assert path["backend"]["service"]["port"]["name"] in [port["name"] for port in service["spec"]["ports"]]
    outside = {route.template for route in ROUTES if not route.template.startswith(path["path"] + "/")}
    assert all(template.startswith(("/health/", "/internal/")) for template in outside)


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget"])
def test_what_selects_pods_selects_those_of_the_same_name(kind: str) -> None:
    for name, thing in of_kind(kind).items():
        selector = thing["spec"]["selector"]
        wanted = selector.get("matchLabels", selector).items()
        pods = {name_of(one) for one in RUN_PODS if wanted <= one["spec"]["template"]["metadata"]["labels"].items()}
        assert pods == {name}


def test_all_deployments_are_covered() -> None:
    deployments = set(of_kind("Deployment"))
    assert set(of_kind("PodDisruptionBudget")) == deployments
    assert set(of_kind("Service")) == {name for name in deployments if not name.endswith("-worker")}
    for thing in of_kind("Deployment").values():
        matched = thing["spec"]["selector"]["matchLabels"].items()
        assert matched <= thing["spec"]["template"]["metadata"]["labels"].items()
        for constraint in pod(thing)["topologySpreadConstraints"]:
            assert constraint["labelSelector"]["matchLabels"].items() == matched


@each_that_runs
def test_the_command_is_one_that_the_image_knows(thing: Thing) -> None:
    (container,) = containers(thing)
    assert container["image"].split("/")[-1].split(":")[0] == part(thing)
    module = __import__(f"{part(thing)}.service", fromlist=["SERVICE"]) if part(thing) != "gateway" else None
    cli: Any = service_cli(module.SERVICE) if module else gateway_cli
    commands = {command.name or command.callback.__name__ for command in cli.registered_commands}
    assert container["args"][0] in commands
    assert "command" not in container


async def unchecked() -> None:
    return


@pytest.mark.parametrize("thing", of_kind("Deployment").values(), ids=name_of)
def test_probes_ask_what_the_process_answers(thing: Thing) -> None:
    (container,) = containers(thing)
    assert container["ports"] == [{"name": "http", "containerPort": 8000}]
    assert "PORT=8000" in (compose.ROOT / "deploy" / "Dockerfile").read_text()
    served = {route.template for route in ROUTES if part(thing) == "gateway"}
    served |= {getattr(route, "path", "") for route in health_routes(unchecked, {}).routes}
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: one["path"].rpartition("/")[2] for kind, one in asked.items()} == {
        "startup": "live", "liveness": "live", "readiness": "ready",
    }  # fmt: skip
    assert all(one["port"] == "http" and one["path"] in served for one in asked.values())


@pytest.mark.parametrize("thing", of_kind("Deployment").values(), ids=name_of)
def test_a_release_takes_nothing_away_before_its_successor_is_there(thing: Thing) -> None:
    assert thing["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    pause = containers(thing)[0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert (pause > 0) == (name_of(thing) in of_kind("Service"))
    assert pod(thing)["terminationGracePeriodSeconds"] > pause + LAST_SECONDS


@each_that_runs
def test_pods_have_no_more_rights_than_they_need(thing: Thing) -> None:
    dockerfile = (compose.ROOT / "deploy" / "Dockerfile").read_text()
    user = int(re.findall(r"--uid (\d+)", dockerfile)[0])
    (container,) = containers(thing)
    assert pod(thing)["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": user, "runAsGroup": user, "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert not pod(thing)["automountServiceAccountToken"]
    assert not pod(thing)["enableServiceLinks"]
    assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])
    assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


def test_secrets_have_no_defaults() -> None:
    assert {path.stem for path in told.SECRETS.iterdir()} == set(PARTS)
    for name in PARTS:
        lines = (told.SECRETS / f"{name}.env").read_text().splitlines()
        assert all(line.startswith("#") or line.endswith("=") for line in lines)
    told_openly = {name for thing in of_kind("ConfigMap").values() for name in thing.get("data", {})}
    assert told_openly.isdisjoint(name for part in PARTS for name in told.secrets_of(part))


def scalers() -> dict[str, tuple[int, int]]:
    """The fewest and the most processes of each Deployment."""
    of_cpu = {name: thing["spec"] for name, thing in of_kind("HorizontalPodAutoscaler").items()}
    assert all(spec["scaleTargetRef"]["name"] == name for name, spec in of_cpu.items())
    of_queues = {name: thing["spec"] for name, thing in of_kind("ScaledObject").items()}
    assert all(spec["scaleTargetRef"]["name"] == name for name, spec in of_queues.items())
    both = {name: (spec["minReplicas"], spec["maxReplicas"]) for name, spec in of_cpu.items()}
    return both | {name: (spec["minReplicaCount"], spec["maxReplicaCount"]) for name, spec in of_queues.items()}


def test_everything_is_there_twice_and_scaled_by_one_alone() -> None:
    assert set(scalers()) == set(of_kind("Deployment"))
    assert all(fewest == 2 for fewest, _ in scalers().values())
    assert all("replicas" not in thing["spec"] for thing in of_kind("Deployment").values())
    without_keda = [thing for thing in kustomize.build(FOLDER / "base") if thing["kind"] == "Deployment"]
    replicas = {name_of(thing): thing["spec"].get("replicas") for thing in without_keda}
    assert all(replicas[f"{service}-worker"] == 2 for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_workers_are_scaled_by_their_own_queue(service: str) -> None:
    (trigger,) = of_kind("ScaledObject")[f"{service}-worker"]["spec"]["triggers"]
    assert trigger["metadata"]["queueName"] == events_queue(service)
    login = of_kind("TriggerAuthentication")[trigger["authenticationRef"]["name"]]["spec"]["secretTargetRef"]
    assert login == [{"parameter": "host", "name": f"{service}-secrets", "key": "RABBITMQ_URL"}]
    assert login[0]["key"] in told.secrets_of(service)


def test_all_processes_at_once_find_enough_connections() -> None:
    size = (
        ServiceSettings.model_fields["db_pool_size"].default + ServiceSettings.model_fields["db_max_overflow"].default
    )
    most = {name: most + 1 for name, (_, most) in scalers().items()}
    of_service = [most[f"{name}-api"] * size + most[f"{name}-worker"] * (size + 2) + 2 for name in SERVICES]
    page = (FOLDER / "README.md").read_text()
    (together, each), = re.findall(r"`max_connections` of (\d+) for one server, or (\d+) for each", page)  # fmt: skip
    assert (int(together), int(each)) == (sum(of_service) + 10, max(of_service) + 10)


def kubectl_that_notes_its_calls(folder: Path) -> None:
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\nprintf "%s " "$@" >> {folder}/calls\necho >> {folder}/calls\n')
    program.chmod(0o755)


def released(site: Path, folder: Path) -> tuple[int, list[list[str]]]:
    kubectl_that_notes_its_calls(folder)
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    ended = subprocess.run([FOLDER / "release.sh", site], env=path, capture_output=True, text=True)
    calls = folder / "calls"
    return ended.returncode, [line.split() for line in calls.read_text().splitlines()] if calls.exists() else []


def test_a_site_that_was_not_filled_in_is_not_released(tmp_path: Path) -> None:
    assert released(FOLDER / "site", tmp_path) == (1, [])


def test_migrations_end_before_any_process_is_replaced(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(FOLDER / "site", site)
    for file in site.iterdir():
        file.write_text(re.sub("example", "site", file.read_text(), flags=re.I))
    code, calls = released(site, tmp_path)
    assert code == 0
    assert [call[0] for call in calls] == ["delete", "apply", "wait", "apply", "rollout"]
    left_out = calls[1][calls[1].index("--selector") + 1].split(",")
    first = {name_of(one) for one in RUN_PODS if not any(is_left_out(one, word) for word in left_out)}
    assert first == set(of_kind("Job"))
    assert "--selector" not in calls[3]


def is_left_out(thing: Thing, requirement: str) -> bool:
    key, value = requirement.split("!=")
    return labels(thing).get(key) == value


def test_nothing_says_latest() -> None:
    assert ":latest" not in json.dumps(THINGS)
    assert all(":" in containers(thing)[0]["image"] for thing in RUN_PODS)
