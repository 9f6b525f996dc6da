"""The guide for frontends names every error code that they can meet, with its status, and every header and page."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest
from gateway.cors import EXPOSED
from gateway.routes import ROUTES
from notifications.sending.rendering import PAGES
from shared.errors import Refusal
from shared.http.problems import status_of

from . import compose

GUIDE = (compose.ROOT / "docs" / "frontend.md").read_text()
ROW = re.compile(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \| (\d{3}) \|", re.MULTILINE)
CALL = re.compile(r"""(?:`|call\(")(GET|POST|PUT|DELETE)(?: |", ["`])((?:/api)?/[^`"?…]*)""")
NAME = re.compile(r"\$?{\w+}")
PACKAGES = ("shared", "gateway", "booking", "catalog", "payments", "customers", "notifications")
OF_MACHINES = {"invalid_signature", "content_too_large", "expectation_failed"}
"""Only carriers of webhooks and clients that wait for an interim answer are told these."""

KINDS = {"refused"}
"""Not told to anybody: each of these classes has others below it."""


def refusals(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    return {kind}.union(*(refusals(below) for below in kind.__subclasses__()))


@pytest.fixture(scope="module")
def told() -> set[tuple[str, int]]:
    """Every code with its status, as the programs have them."""
    for package in map(import_module, PACKAGES):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not {"migrations", "testing"} & {*module.name.split(".")}:
                import_module(module.name)
    found = {kind for kind in refusals() if kind.__module__.split(".")[0] in PACKAGES}
    codes = {(kind.code, status_of(kind.__new__(kind))) for kind in found}
    return {(code, status) for code, status in codes if code not in OF_MACHINES | KINDS}


def test_the_guide_has_every_error_code_with_its_status(told: set[tuple[str, int]]) -> None:
    rows = [(code, int(status)) for codes, status in ROW.findall(GUIDE) for code in re.findall(r"[a-z_]+", codes)]
    assert len(rows) == len(set(rows)), "no code is told twice"
    assert set(rows) == told


def test_the_guide_names_every_header_that_scripts_of_other_origins_can_read() -> None:
    headers = {name if not name.startswith("RateLimit-") else "RateLimit-*" for name in EXPOSED.split(", ")}
    assert {name for name in headers if f"`{name}`" not in GUIDE} == set()


def test_every_call_that_the_guide_makes_can_be_made() -> None:
    calls = {(method, NAME.sub("{}", path.removeprefix("/api"))) for method, path in CALL.findall(GUIDE)}
    routes = {(route.method, NAME.sub("{}", route.template.removeprefix("/api"))) for route in ROUTES}
    assert len(calls) > 15
    assert calls - routes == set()


def test_the_guide_names_every_page_that_messages_lead_to() -> None:
    assert {path for path in PAGES.values() if f"`/{path}?token=…`" not in GUIDE} == set()
