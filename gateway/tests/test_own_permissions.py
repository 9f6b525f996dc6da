"""What the gateway answers itself lets in whom it should; for what services answer, they check that themselves."""

from uuid import uuid4

import pytest
from gateway.routes import ROUTES

RULES = {
    "GET /api/customers/csrf-token/": "anyone",
    "GET /api/staff/csrf-token/": "anyone",
    "GET /api/customers/auth/sessions/": "customer",
    "DELETE /api/customers/auth/sessions/": "customer",
    "DELETE /api/customers/auth/sessions/{id}/": "customer",
    "GET /api/staff/auth/sessions/": "staff",
    "DELETE /api/staff/auth/sessions/": "staff",
    "DELETE /api/staff/auth/sessions/{id}/": "staff",
    "GET /api/staff/ops/heartbeats/": "staff",
    "GET /api/staff/ops/invariants/": "staff",
    "GET /api/staff/ops/parked-events/": "staff",
    "POST /api/staff/ops/parked-events/": "staff",
    "GET /api/staff/ops/parked-events/{service}/{id}/": "staff",
    "GET /api/health/": "anyone",
    "GET /api/openapi.json": "anyone",
    "GET /api/docs/": "anyone",
    "GET /api/docs/events/": "anyone",
    "GET /api/docs/events/asyncapi.json": "anyone",
    "GET /api/docs/static/{file}": "anyone",
}
"""Who may see the pages of operators is for the services to say, which the gateway asks for them."""


def test_there_is_a_rule_for_each_of_them():
    own = {f"{route.method} {route.template}" for route in ROUTES if route.upstream is None}
    assert {operation for operation in own if operation.partition(" ")[2].startswith("/api/")} == RULES.keys()


@pytest.mark.parametrize("kind", ["guest", "customer", "staff"])
@pytest.mark.parametrize(("operation", "rule"), RULES.items())
def test_each_lets_in_whom_its_rule_names(client, log_in, operation, rule, kind):
    if kind != "guest":
        log_in(client, kind, permissions=["manage_operations"])
    method, _, template = operation.partition(" ")
    path = template.format(id=uuid4(), service="booking", file="nothing.js")
    body = {"json": {}} if method == "POST" else {}
    status = client.request(method, path, **body).status_code
    if rule in ("anyone", kind):
        assert status not in (401, 403, 405)
    else:
        assert status == (401 if kind == "guest" else 403)
