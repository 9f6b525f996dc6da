"""The API's own document as an oracle: which operations and fields there are, and which values it calls invalid."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from .corpus import Spoil

FORMATS = FormatChecker(["uuid", "date"])
METHODS = ("get", "post", "put", "delete")
_PLACE = "@@spoiled@@"

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    template: str
    content: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body, if it has one; forms are not JSON."""
        described = self.content.get("requestBody", {}).get("content", {}).get("application/json")
        return dict(described["schema"]) if described else None

    def parameters(self, place: str) -> list[dict[str, Any]]:
        """Its parameters in `path`, `query` or `header`."""
        return [parameter for parameter in self.content.get("parameters", []) if parameter["in"] == place]


class Document:
    """The merged OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.whole = document

    def operations(self) -> list[Operation]:
        return [
            Operation(method.upper(), template, found[method])
            for template, found in self.whole["paths"].items()
            for method in METHODS
            if method in found
        ]

    def allows(self, schema: dict[str, Any], value: Any) -> bool:
        """Whether the document calls the value valid."""
        whole = {**schema, "components": self.whole["components"]}
        return Draft202012Validator(whole, format_checker=FORMATS).is_valid(value)

    def fields(self, schema: dict[str, Any], instance: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
        """All fields of a body with their schemas, those that `instance` leaves out too."""
        shape = self._shape(schema, "properties" if isinstance(instance, dict) else "items")
        if isinstance(instance, dict):
            for name, inner in shape.get("properties", {}).items():
                yield (*path, name), inner
                yield from self.fields(inner, instance.get(name), (*path, name))
        elif isinstance(instance, list):
            for position, part in enumerate(instance):
                yield from self.fields(shape["items"], part, (*path, position))

    def objects(self, schema: dict[str, Any], instance: Any, path: Path = ()) -> Iterator[tuple[Path, list[str]]]:
        """All objects in a body with the names of the fields that they must have."""
        shape = self._shape(schema, "properties" if isinstance(instance, dict) else "items")
        if isinstance(instance, dict):
            yield path, [name for name in shape.get("required", []) if name in instance]
            for name, inner in shape.get("properties", {}).items():
                yield from self.objects(inner, instance.get(name), (*path, name))
        elif isinstance(instance, list):
            for position, part in enumerate(instance):
                yield from self.objects(shape["items"], part, (*path, position))

    def _shape(self, schema: dict[str, Any], wanted: str) -> dict[str, Any]:
        if reference := schema.get("$ref"):
            return self._shape(self.whole["components"]["schemas"][reference.rpartition("/")[2]], wanted)
        for branch in schema.get("anyOf", []):
            if wanted in (shape := self._shape(branch, wanted)):
                return shape
        return schema


def spoiled(body: dict[str, Any], path: Path, spoil: Spoil) -> bytes:
    """The body with this value in this place."""
    return _with(body, path, _PLACE).replace(f'"{_PLACE}"', spoil.raw).encode()


def enlarged(body: dict[str, Any], path: Path) -> bytes:
    """The body with a field that nobody knows."""
    return _with(body, (*path, "unknown_field"), 1).encode()


def without(body: dict[str, Any], path: Path) -> bytes:
    """The body without this field."""
    copy = json.loads(json.dumps(body))
    del _parent(copy, path)[path[-1]]
    return json.dumps(copy).encode()


def _with(body: dict[str, Any], path: Path, value: Any) -> str:
    copy = json.loads(json.dumps(body))
    _parent(copy, path)[path[-1]] = value
    return json.dumps(copy)


def _parent(copy: Any, path: Path) -> Any:
    for step in path[:-1]:
        copy = copy[step]
    return copy
