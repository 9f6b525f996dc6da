"""One OpenAPI document for the whole product, merged from those of the services."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from gateway.route import Route
from gateway.schemas import OWN, OWN_BODIES, PROBLEM

VERSION = "3.1.0"
METHODS = frozenset({"get", "post", "put", "delete"})
_PARAMETER = re.compile(r"{\w+}")

SECURITY_SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "totetaxi_sessionid"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
}
REFUSAL = {
    "description": "Refused, by a problem document (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FRAMEWORKS = frozenset({"HTTPValidationError", "ValidationError"})
"""How the framework would describe failed validations; services answer them by a problem document."""

_CHAPTERS = (
    ("/api/customers/", "Customer accounts"),
    ("/api/staff/ops/", "Staff: operations"),
    ("/api/staff/", "Staff: accounts"),
)

Document = dict[str, Any]


def merge(documents: Mapping[str, bytes | None], routes: Iterable[Route]) -> Document:
    """`documents` maps a service to its document, null if it did not answer; only public paths are shown.

    Every component gets its service's name in front, so that two services may use the same one.
    """
    own = [route for route in routes if route.template.startswith("/api/")]
    public = {(route.method.lower(), _shape(route.template)) for route in own}
    paths: Document = _own_paths(own)
    schemas: Document = {"Problem": PROBLEM}
    for service, raw in documents.items():
        if raw is not None:
            document = orjson.loads(
                raw.replace(b'"#/components/schemas/', f'"#/components/schemas/{service}.'.encode())
            )
            _add_paths(paths, service, document.get("paths", {}), public)
            for name, schema in document.get("components", {}).get("schemas", {}).items():
                if name not in _FRAMEWORKS:
                    schemas[f"{service}.{name}"] = schema
    return {
        "openapi": VERSION,
        "info": {"title": "Tote Taxi", "version": "1", "description": _description(documents)},
        "paths": dict(sorted(paths.items())),
        "tags": _chapters(paths),
        "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
        "x-unavailable": [service for service, raw in documents.items() if raw is None],
    }


def _shape(template: str) -> str:
    return _PARAMETER.sub("{}", template).rstrip("/")


def _description(documents: Mapping[str, bytes | None]) -> str:
    missing = [service for service, raw in documents.items() if raw is None]
    text = "Everything that can be asked of Tote Taxi. What its services tell each other: [events](/api/docs/events/)."
    return f"{text} Left out, because they do not answer at the moment: {', '.join(missing)}." if missing else text


def _add_paths(paths: Document, service: str, found: Document, public: set[tuple[str, str]]) -> None:
    for template, operations in found.items():
        for method, operation in operations.items():
            if method in METHODS and (method, _shape(template)) in public:
                operation["operationId"] = f"{service}.{operation.get('operationId', f'{method} {template}')}"
                operation.setdefault("tags", [service])
                operation["responses"] = _with_refusal(operation.get("responses", {}))
                operation["security"] = [{}, {"session": []} if method == "get" else {"session": [], "csrf": []}]
                paths.setdefault(template, {})[method] = operation


def _with_refusal(responses: Document) -> Document:
    return {status: response for status, response in responses.items() if status != "422"} | {"4XX": REFUSAL}


def _own_paths(routes: Iterable[Route]) -> Document:
    paths: Document = {}
    for route in routes:
        if route.summary:
            paths.setdefault(route.template, {})[route.method.lower()] = _own_operation(route)
    return paths


def _chapter(template: str) -> str:
    """The chapter of what the gateway answers itself: where services describe what belongs to it."""
    return next((name for start, name in _CHAPTERS if template.startswith(start)), "The whole product")


def _chapters(paths: Document) -> list[Document]:
    """The chapters in the order in which pages show them: those of staff behind the others."""
    names = {name for operations in paths.values() for operation in operations.values() for name in operation["tags"]}
    return [{"name": name} for name in sorted(names, key=lambda name: (name.startswith("Staff"), name))]


def _own_operation(route: Route) -> Document:
    names = _PARAMETER.findall(route.template)
    parameters = [{"name": name[1:-1], "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    body = OWN_BODIES.get(route.handler)
    sent = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}} if body else {}
    return sent | {
        "operationId": f"gateway.{route.method.lower()} {route.template}",
        "summary": route.summary,
        "tags": [_chapter(route.template)],
        "parameters": parameters,
        "responses": _with_refusal(
            {"200": {"description": "Done.", "content": {"application/json": {"schema": OWN[route.handler]}}}}
        ),
    }
