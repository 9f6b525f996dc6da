from customers.service import SERVICE
from customers.settings import Settings
from fastapi.routing import APIRoute
from shared.contracts.subscribers import SUBSCRIBERS
from shared.http.access import Access
from shared.http.identity import generate_private_key
from shared.testing.service import RunningService


async def test_it_handles_the_events_that_its_queue_is_bound_to(service: RunningService) -> None:
    assert set(service.parts.event_handlers) == set(SUBSCRIBERS[SERVICE.name])


def _rule(route: APIRoute) -> list[str]:
    return [part.call.rule for part in route.dependant.dependencies if isinstance(part.call, Access)]


async def test_every_route_says_who_may_call_it(service: RunningService) -> None:
    routes = [route for router in service.parts.routers for route in router.routes if isinstance(route, APIRoute)]
    rules = {(min(route.methods), route.path): _rule(route) for route in routes}
    assert all(len(rule) == 1 for rule in rules.values()), rules
    anyone = {path for (_, path), rule in rules.items() if rule == ["anyone"]}
    assert anyone == {
        "/api/customers/contact/",
        "/api/customers/auth/register/",
        "/api/customers/auth/login/",
        "/api/customers/auth/verify-email/",
        "/api/customers/auth/password-reset/",
        "/api/customers/auth/password-reset/confirm/",
        "/api/staff/auth/login/",
        "/api/staff/auth/password-reset/",
        "/api/staff/auth/password-reset/confirm/",
        "/api/staff/auth/invite/accept/",
        "/api/staff/auth/totp/verify/",
        "/api/staff/auth/totp/recover/",
    }
    assert rules["GET", "/api/staff/audit/"] == ["staff:manage_operations"]
    assert rules["GET", "/api/staff/customers/{id}/"] == ["staff:view_customers"]


def test_outside_development_it_wants_its_own_key() -> None:
    sentence = "IDENTITY_PRIVATE_KEY is needed to end sessions at the gateway."
    assert sentence in Settings(debug=True).unsafe()
    assert sentence not in Settings(debug=True, identity_private_key=generate_private_key()).unsafe()


async def test_its_document_describes_every_path(service: RunningService) -> None:
    paths = service.app.openapi()["paths"]
    assert "csrf_token" in str(service.app.openapi()["components"]["schemas"]["CustomerLogin"])
    assert {path for path in paths if path.startswith("/api/")} >= {"/api/customers/profile/", "/api/staff/audit/"}
