"""The API's document tells the truth about what can be reached, and can be read by other people's tools."""

import re
from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from gateway.routes import ROUTES
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from shared.app import create_app

from .callers import GUEST, Sender
from .document import Document, Operation
from .world import SERVICES, World

KEYWORDS = {*Draft202012Validator.VALIDATORS, "title", "description", "default", "examples", "discriminator"}
_PARAMETER = re.compile(r"{\w+}")


def shape(operation: str) -> str:
    """`METHOD path` without the names of parameters, which the gateway chooses for itself."""
    return _PARAMETER.sub("{}", operation)


@pytest.fixture
async def document(world: World) -> Document:
    async with Sender(world.stack["gateway_url"]) as sender:
        return await whole_document(world, sender)


async def whole_document(world: World, sender: Sender) -> Document:
    """The document, once no service was too busy to hand in its part."""

    async def is_whole() -> dict[str, Any] | None:
        found: dict[str, Any] = (await sender.send(GUEST, "GET", "/api/openapi.json")).json()
        return None if found["x-unavailable"] else found

    return Document(await world.until(is_whole, "the documents of all services"))


def own_document(name: str) -> Document:
    """The document of one service, from its own routes."""
    service = import_module(f"{name}.service").SERVICE
    settings = service.settings(debug=True, database_url="postgresql://nobody@127.0.0.1:1/none")
    platform = service.platform(settings)
    return Document(create_app(service, platform, service.compose(platform)).openapi())


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_routes_exactly_what_a_service_offers(service: str) -> None:
    offered = {shape(str(operation)) for operation in own_document(service).operations()}
    public = {operation for operation in offered if operation.partition(" ")[2].startswith("/api/")}
    routed = {shape(f"{route.method} {route.template}") for route in ROUTES if route.upstream == service}
    assert routed - offered == set()
    assert public - routed == set()


def test_the_document_is_valid_and_whole(document: Document) -> None:
    OpenAPIV31SpecValidator(document.whole).validate()
    assert document.whole["x-unavailable"] == []
    shown = {shape(str(operation)) for operation in document.operations()}
    assert {shape(f"{route.method} {route.template}") for route in ROUTES if route.upstream} <= shown


def test_every_operation_explains_itself(document: Document) -> None:
    names = Counter(operation.content["operationId"] for operation in document.operations())
    assert [name for name, times in names.items() if times > 1] == []
    assert [str(operation) for operation in document.operations() if not explains_itself(operation)] == []


def explains_itself(operation: Operation) -> bool:
    """Whether it has a summary of several words, an answer with a schema, and says what a refusal looks like."""
    responses = operation.content["responses"]
    answers = [response for status, response in responses.items() if status.startswith("2")]
    schemas = [media.get("schema") for answer in answers for media in answer.get("content", {}).values()]
    has_summary = len(operation.content.get("summary", "").split()) > 1
    is_told = bool(schemas) or "204" in responses
    return has_summary and is_told and all(schemas) and "4XX" in responses and "422" not in responses


def test_every_body_is_shown_by_an_example_that_is_right(document: Document) -> None:
    bodies = {str(operation): operation.body for operation in document.operations() if operation.body}
    shown = {name: examples_of(document, schema) for name, schema in bodies.items()}
    assert [name for name, examples in shown.items() if not examples] == []
    wrong = [name for name, schema in bodies.items() for one in shown[name] if not document.allows(schema, one)]
    assert wrong == []


def examples_of(document: Document, schema: dict[str, Any]) -> list[Any]:
    """What the document shows of a body as a whole."""
    named = document.whole["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    branches = [one for branch in named.get("anyOf", []) for one in examples_of(document, branch)]
    return list(named.get("examples", [])) + branches


def test_keywords_of_schemas_are_those_of_json_schema(document: Document) -> None:
    found = set(keywords_in(document.whole["components"]["schemas"]))
    assert {keyword for keyword in found - KEYWORDS if not keyword.startswith("x-")} == set()


def keywords_in(schemas: dict[str, Any]) -> list[str]:
    """All keywords that the schemas use; a constraint under a name that no tool knows would bind nobody."""
    found: list[str] = []
    for schema in schemas.values():
        found += schema
        found += keywords_in(schema.get("properties", {}))
        inner = [*schema.get("anyOf", []), *schema.get("allOf", []), *schema.get("oneOf", [])]
        inner += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
        found += keywords_in(dict(enumerate(inner)))  # type: ignore[arg-type]
    return found
