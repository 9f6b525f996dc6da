"""deploy/fly is held to what the services read and answer."""

import os
import tomllib
from typing import Any

import pytest
from devstack import SERVICES
from gateway.routes import ROUTES
from shared.http.health import health_routes

from . import compose, told

FOLDER = compose.ROOT / "deploy" / "fly"
PARTS = ("gateway", *SERVICES)
APPS: dict[str, dict[str, Any]] = {name: tomllib.loads((FOLDER / f"{name}.toml").read_text()) for name in PARTS}
each_app = pytest.mark.parametrize("name", PARTS)


def told_to(name: str) -> dict[str, str]:
    """What the app's processes are told; Fly's own secrets beside its file."""
    return {**APPS[name]["env"], **told.secrets_of(name)}


def test_every_part_is_an_app() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(PARTS)
    assert [APPS[name]["app"] for name in PARTS] == [f"totetaxi-{name}" for name in PARTS]
    assert [APPS[name]["build"]["args"] for name in PARTS] == [{"SERVICE": name} for name in PARTS]


@each_app
def test_an_app_is_told_what_it_reads_and_no_secret_openly(name: str) -> None:
    assert set(told_to(name)) <= told.read_by(name) | told.OF_LIBRARIES
    assert set(APPS[name]["env"]).isdisjoint(told.secrets_of(name))


@each_app
def test_what_an_app_is_told_is_enough_outside_development(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in os.environ:
        monkeypatch.delenv(variable)
    for variable, value in told.filled_in(told_to(name)).items():
        monkeypatch.setenv(variable, value)
    assert not told.settings_class(name)().debug  # type: ignore[attr-defined]


@each_app
def test_an_app_is_told_all_that_compose_tells_it(name: str) -> None:
    in_compose = set(compose.services()["gateway" if name == "gateway" else f"{name}-worker"]["environment"])
    elsewhere = told.IN_IMAGE | {"BACKUP_DIR"} | {one for one in in_compose if one.startswith("OTEL_")}
    assert in_compose - elsewhere == set(told_to(name)) - told.IN_IMAGE


@each_app
def test_processes_listen_on_all_addresses_of_both_kinds(name: str) -> None:
    """The private network is IPv6 and the checks come by IPv4; any other value than none means one of them alone."""
    assert APPS[name]["env"]["HOST"] == ""


@each_app
def test_migrations_end_before_a_release_and_processes_are_those_of_the_image(name: str) -> None:
    app = APPS[name]
    wanted = {"api": "api"} if name == "gateway" else {"api": "api", "worker": "worker"}
    assert app["processes"] == wanted
    assert app["deploy"].get("release_command") == (None if name == "gateway" else "migrate")
    assert app["kill_timeout"] > 10


@each_app
def test_checks_ask_what_the_processes_answer(name: str) -> None:
    app = APPS[name]
    checks = [*app.get("checks", {}).values(), *app.get("http_service", {}).get("checks", ())]
    assert [check["path"] for check in checks] == ["/health/ready"]
    served = {route.template for route in ROUTES if name == "gateway"}
    served |= {getattr(route, "path", "") for route in health_routes(unchecked, {}).routes}
    assert "/health/ready" in served


async def unchecked() -> None:
    return


def test_only_the_gateway_is_reached_from_outside() -> None:
    assert [name for name in PARTS if "http_service" in APPS[name] or "services" in APPS[name]] == ["gateway"]


@each_app
def test_services_are_found_under_their_private_names(name: str) -> None:
    wanted = {f"{part.upper()}_URL" for part in PARTS} & told.read_by(name)
    addresses = {key: value for key, value in APPS[name]["env"].items() if key in wanted}
    assert set(addresses) == wanted
    for key, value in addresses.items():
        part = key.removesuffix("_URL").lower()
        assert value == f"http://api.process.totetaxi-{part}.internal:8000"
