"""Requests that a machine makes up from the API's document: no failure of ours, no answer that it does not describe."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from devstack.testing import RunningStack
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .browser import PASSWORD, PATIENCE

EXAMPLES = 5
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDS_SESSIONS = ("/logout/", "/auth/sessions/", "/auth/sessions/{id}/")
"""Would log our own callers out, and every later request would be refused for that alone."""

Headers = dict[str, str]


@pytest.fixture(scope="module")
def stack() -> Iterator[dict[str, Any]]:
    """A stack of its own: what is made up may change prices, close days and pause booking."""
    folder = Path(tempfile.mkdtemp(prefix="totetaxi-generated-"))
    folder.chmod(0o755)
    running = RunningStack(folder, {"TRUSTED_PROXIES": "127.0.0.0/8"}).start()
    yield running.stack
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def session(http: httpx.Client, path: str, body: dict[str, Any]) -> Headers:
    """The headers of somebody who just logged in."""
    answer = http.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    return {"Cookie": cookies, "X-CSRFToken": answer.json()["csrf_token"]}


def callers(stack: dict[str, Any]) -> dict[str, Headers]:
    """An administrator, a customer and a guest."""
    person = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    names = {"first_name": "Ada", "last_name": "Byron", "phone": "+12125550123"}
    with httpx.Client(base_url=stack["gateway_url"], timeout=PATIENCE) as http:
        admin = session(http, "/api/staff/auth/login/", stack["admin"])
    with httpx.Client(base_url=stack["gateway_url"], timeout=PATIENCE) as http:
        customer = session(http, "/api/customers/auth/register/", person | names)
    return {"staff": admin, "customers": customer}


def test_made_up_requests_get_described_answers(stack: dict[str, Any]) -> None:
    known = callers(stack)
    document = httpx.get(f"{stack['gateway_url']}/api/openapi.json", timeout=PATIENCE).json()
    schema = schemathesis.openapi.from_dict(document)
    found: list[str] = []
    answered: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.endswith(ENDS_SESSIONS):
            headers = known.get(operation.path.split("/")[2], {})
            found += complaints(operation, stack["gateway_url"], headers, answered)
    assert found == []
    assert len(answered) > 60, "most made-up requests are refused for what they are, but not all"


def complaints(operation: Any, url: str, headers: Headers, answered: set[str]) -> list[str]:
    """What is wrong with the answers of one operation, each kind of it once; notes whether it ever said yes."""
    told: dict[str, str] = {}

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        address = ".".join(str(random.randint(20, 99)) for _ in range(4))
        response = case.call(base_url=url, headers={**headers, "X-Forwarded-For": address})
        if response.status_code < 300:
            answered.add(operation.label)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failure:
            told.setdefault(str(response.status_code), f"{operation.label}: {'; '.join(map(str, failure.exceptions))}")

    ask()
    return list(told.values())
