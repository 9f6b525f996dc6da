"""Controls that are set under `/_sandbox/` and kept across restarts."""

import json
import math
from typing import Any

from .errors import Json, bad_parameter
from .store import Store


def load_control(store: Store, name: str) -> Any:
    """What was kept under the name, or None."""
    body = store.value("SELECT body FROM controls WHERE name = ?", name)
    return json.loads(body) if body else None


def keep_control(store: Store, name: str, body: Any) -> None:
    store.execute("INSERT OR REPLACE INTO controls VALUES (?, ?)", name, json.dumps(body))


def check_known(given: Json, known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise bad_parameter(f"Unknown control: {name}. Known: {', '.join(sorted(known))}.", name)


def number(given: Json, name: str, default: float, *, highest: float = math.inf) -> float:
    """A JSON number from 0 to `highest`; raises ApiError for anything else."""
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise bad_parameter(f"{name} must be a number from 0 to {highest}.", name)
    return value


def boolean(given: Json, name: str, default: bool) -> bool:
    value = given.get(name, default)
    if not isinstance(value, bool):
        raise bad_parameter(f"{name} must be true or false.", name)
    return value


def one_of(given: Json, name: str, default: str, allowed: set[str]) -> str:
    value = given.get(name, default)
    if value not in allowed:
        raise bad_parameter(f"{name} must be one of {', '.join(sorted(allowed))}.", name)
    return str(value)
