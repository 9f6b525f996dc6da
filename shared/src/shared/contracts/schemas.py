"""The JSON Schemas of all published events, kept in a file so that no contract changes unseen.

`python -m shared.contracts.schemas` writes the file anew.
"""

from pathlib import Path
from typing import Any

import orjson

from shared.contracts import EVENTS

SNAPSHOT = Path(__file__).parents[3] / "tests" / "contracts" / "schemas.json"


def current_schemas() -> dict[str, Any]:
    """Event type → JSON Schema of its data."""
    return {event_type: EVENTS[event_type].model_json_schema(mode="serialization") for event_type in sorted(EVENTS)}


def write_snapshot() -> None:
    """Writes the present schemas into the snapshot."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    SNAPSHOT.write_bytes(orjson.dumps(current_schemas(), option=options))


if __name__ == "__main__":
    write_snapshot()
