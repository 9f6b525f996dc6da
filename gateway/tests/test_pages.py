"""Health and documentation of the whole product."""

import re

import jsonschema
import pytest
from shared.contracts import EVENTS

CATALOG_DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/api/bookings/services/": {
            "get": {
                "operationId": "services",
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}},
                    "422": {"description": "The framework's own words."},
                },
            }
        },
        "/api/bookings/services/organizing/{service_id}/": {"get": {"responses": {}}},
        "/internal/snapshot": {"get": {}},
        "/health/live": {"get": {}},
    },
    "components": {"schemas": {"Out": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}}},
}


def test_all_parts_are_asked_for_their_health(client, services):
    answer = client.get("/api/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "parts": dict.fromkeys(("booking", "catalog", "payments", "customers", "notifications", "sessions"), "ok"),
    }


def test_a_part_that_is_down_degrades_the_whole(start_gateway, services, nobody):
    with start_gateway(PAYMENTS_URL=nobody).client() as client:
        answer = client.get("/api/health/")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["payments"] == "down"
    assert answer.json()["parts"]["booking"] == "ok"


def test_without_any_part_all_is_down(start_gateway, nobody):
    urls = {f"{name}_URL": nobody for name in ("BOOKING", "CATALOG", "PAYMENTS", "CUSTOMERS", "NOTIFICATIONS")}
    with start_gateway(**urls, REDIS_URL=nobody.replace("http", "redis")).client() as client:
        answer = client.get("/api/health/")
        assert (answer.status_code, answer.json()["status"]) == (503, "down")
        assert client.get("/health/live").status_code == 200


def test_one_document_holds_the_public_paths_of_all_services(start_gateway, services, nobody):
    services.pages["/openapi.json"] = services.make_reply(200, CATALOG_DOCUMENT)
    with start_gateway(NOTIFICATIONS_URL=nobody).client() as client:
        document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["x-unavailable"] == ["notifications"]
    assert "notifications" in document["info"]["description"]
    operation = document["paths"]["/api/bookings/services/"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert schema.endswith(".Out")
    assert schema.rpartition("/")[2] in document["components"]["schemas"]
    assert list(operation["responses"]) == ["200", "4XX"]
    assert "/api/bookings/services/organizing/{service_id}/" in document["paths"]
    assert "/api/customers/auth/sessions/" in document["paths"]
    assert not [path for path in document["paths"] if not path.startswith("/api/")]


def test_not_every_visitor_waits_for_a_service_that_is_down(start_gateway, services, nobody):
    asked = []
    answer = services.make_reply(200, CATALOG_DOCUMENT)

    async def counting(recorded, send):
        asked.append(recorded.path)
        await answer(recorded, send)

    services.pages["/openapi.json"] = counting
    in_a_moment = {"docs.INCOMPLETE_KEPT_SECONDS": 600}
    with start_gateway(in_a_moment, NOTIFICATIONS_URL=nobody).client() as client:
        first, second = client.get("/api/openapi.json"), client.get("/api/openapi.json")
    assert (len(asked), first.content == second.content) == (4, True)


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/events/"])
def test_pages_come_from_our_own_files(client, path):
    page = client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe-" not in page.headers["content-security-policy"]
    files = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert files
    assert {client.get(file).status_code for file in files} == {200}
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize("name", ["docs.html", "nothing.js", "..%2fapp.py", "swagger-ui.LICENSE"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/api/docs/static/{name}").status_code in (400, 404)


def test_every_event_is_in_the_asyncapi_document_and_its_page(client):
    document = client.get("/api/docs/events/asyncapi.json").json()
    page = client.get("/api/docs/events/").text
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(EVENTS)
    assert all(f"<h2>{event}</h2>" in page for event in EVENTS)
    assert "<code>overbooked</code>" in page, "names within sentences are marked as such"
    assert "`" not in page.partition("<details>")[0]
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
