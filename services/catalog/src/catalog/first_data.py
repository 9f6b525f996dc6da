"""The catalogue that a new installation starts with."""

from importlib.resources import files
from typing import Any

import orjson


def first_data() -> dict[str, Any]:
    """The content of the catalogue file that is part of this package."""
    content: dict[str, Any] = orjson.loads((files("catalog") / "data" / "catalog.json").read_bytes())
    return content
