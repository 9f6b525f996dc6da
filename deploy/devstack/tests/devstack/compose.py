"""Reads docker-compose.yml as compose does, as far as the tests need it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[4]
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<text>[^}]*))?\}")


@cache
def text() -> str:
    """The whole file."""
    return (ROOT / "docker-compose.yml").read_text()


@cache
def document() -> dict[str, Any]:
    """The file, its anchors resolved."""
    return dict(yaml.safe_load(text()))


def services() -> dict[str, dict[str, Any]]:
    """All containers by name."""
    return dict(document()["services"])


def built() -> dict[str, dict[str, Any]]:
    """The containers that run our own images."""
    return {name: service for name, service in services().items() if "build" in service}


def owner(service: dict[str, Any]) -> str:
    """The package whose image a container runs."""
    return str(service["build"]["args"]["SERVICE"])


def filled_in(value: str, variables: dict[str, str]) -> str:
    """A value with its variables replaced, `$$` included."""
    filled = VARIABLE.sub(lambda match: variables.get(match["name"]) or match["text"] or "", value)
    return filled.replace("$$", "$")


def variables() -> set[str]:
    """The names of all variables."""
    return {match["name"] for match in VARIABLE.finditer(text())}
