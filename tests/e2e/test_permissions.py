"""Every endpoint of every service lets in whom it should and nobody else, by itself, whatever else is wrong."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from customers.domain.permissions import PERMISSIONS, ROLES, permissions_of
from shared.app import create_app
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import RunningService, a_customer, a_service, a_staff_member, running

from .permissions import RULES
from .world import SERVICES

_PARAMETER = re.compile(r"{\w+}")
SAMPLES = {"booking_number": "TT-20260101-0001"}

WHO_AM_I = ("GET /api/customers/auth/user/", "GET /api/staff/auth/user/")
"""Those who are asked for here have no account, which these answer as if nobody were logged in."""


@dataclass(frozen=True)
class Asked:
    """Somebody tries something."""

    who: str
    caller: Caller
    allowed: bool


def shape(operation: str) -> str:
    """`METHOD path` without the names of parameters."""
    return _PARAMETER.sub("{}", operation)


EXPECTED = {shape(operation): rule for operation, rule in RULES.items()}


def operations_of(app: Any) -> Iterator[str]:
    """All that an application answers, hidden or not, but for its health."""
    for route in app.routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from operations_of(inner)
        elif not route.path.startswith(("/health/", "/openapi.json")):
            yield from (f"{method} {route.path}" for method in route.methods - {"HEAD"})


def callers(rule: str) -> Iterator[Asked]:
    """Every kind of caller, and whether the rule lets them in."""
    kind, _, name = rule.partition(":")
    permission = name if kind == "staff" else ""
    everyone, staff = kind == "anyone", kind in ("anyone", "staff")
    yield Asked("guest", Caller(), everyone)
    yield Asked("customer", a_customer(), everyone or kind == "customer")
    for role in ROLES:
        rights = permissions_of(role)
        yield Asked(role, a_staff_member(*rights, role=role), staff and (not permission or permission in rights))
    for service in SERVICES:
        yield Asked(f"service {service}", a_service(service), kind == "service" and service == name)
    if permission:
        granted, denied = permissions_of("viewer", [permission]), permissions_of("admin", denials=[permission])
        yield Asked("viewer with a grant", a_staff_member(*granted, role="viewer"), True)
        yield Asked("admin with a denial", a_staff_member(*denied, role="admin"), False)


@pytest.fixture
async def service(request: pytest.FixtureRequest, database_factory: DatabaseFactory) -> AsyncIterator[RunningService]:
    """One of the services, on an empty database."""
    async with running(import_module(f"{request.param}.service").SERVICE, database_factory) as service:
        yield service


@pytest.mark.parametrize("service", SERVICES, indirect=True)
async def test_each_operation_lets_in_whom_its_rule_names_and_nobody_else(service: RunningService) -> None:
    offered = list(operations_of(service.app))
    assert [operation for operation in offered if shape(operation) not in EXPECTED] == [], "operations without a rule"
    wrong = [
        f"{operation} for a {asked.who}: {status}"
        for operation in offered
        for asked in callers(EXPECTED[shape(operation)])
        if not as_expected(operation, asked, status := await status_of(service, operation, asked.caller))
    ]
    assert wrong == []


async def status_of(service: RunningService, operation: str, caller: Caller) -> int:
    """The answer to a request for a thing that is not there, with a body that is none: nothing can come of it."""
    method, _, template = operation.partition(" ")
    path = _PARAMETER.sub(lambda name: SAMPLES.get(name[0][1:-1], str(new_id())), template)
    async with service.as_caller(caller, **{"Content-Type": "application/json"}) as client:
        return (await client.request(method, path, content=b"{" if method in ("POST", "PUT") else None)).status_code


def as_expected(operation: str, asked: Asked, status: int) -> bool:
    """Guests are asked to log in, others are told that they may not."""
    if asked.allowed:
        return status not in (401, 403, 405, 500) or (status == 401 and operation in WHO_AM_I)
    is_guest = asked.caller.kind == "anonymous" and not operation.partition(" ")[2].startswith("/internal/")
    return status == (401 if is_guest else 403)


async def test_there_is_no_rule_for_what_nobody_offers() -> None:
    offered: set[str] = set()
    for name in SERVICES:
        service = import_module(f"{name}.service").SERVICE
        platform = service.platform(service.settings(debug=True))
        offered |= {
            shape(operation) for operation in operations_of(create_app(service, platform, service.compose(platform)))
        }
    assert sorted(EXPECTED.keys() - offered) == []


def test_without_any_permission_staff_can_only_deal_with_their_own_account() -> None:
    """Which is what administrators get who still have to set up a second factor."""
    assert {o.split("/")[3] for o, rule in RULES.items() if rule == "staff"} == {"auth"}


def test_every_permission_is_needed_somewhere() -> None:
    needed = {rule.partition(":")[2] for rule in RULES.values() if rule.startswith("staff:")}
    assert needed <= PERMISSIONS
