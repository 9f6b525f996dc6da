"""Shapes of answers for the API's document: the gateway's own ones, and the problem that every refusal is."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
NO_PAGE: Schema = {"type": "null"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


PROBLEM = _object(
    type=TEXT,
    title=TEXT,
    status=NUMBER,
    detail=TEXT,
    instance=TEXT,
    error={**TEXT, "description": "A sentence for people."},
    error_code={**TEXT, "description": "Stable, for programs."},
    timestamp=TIME,
    trace_id=TEXT,
)
PROBLEM["properties"]["field_errors"] = {
    "type": "object",
    "additionalProperties": _list(TEXT),
    "description": "Sentences by field path, such as `addresses.pickup.zip_code`; only when a validation failed.",
}

_SESSION = _object(
    id=TEXT, device=TEXT, ip=TEXT, created_at=TIME, last_seen_at=TIME, expires_at=TIME, current={"type": "boolean"}
)
_SESSIONS = _object(results=_list(_SESSION), count=NUMBER, next=NO_PAGE, previous=NO_PAGE)
_ENDED = _object(message=TEXT, ended=NUMBER)
_STATES: Schema = {"type": "object", "additionalProperties": {"enum": ["ok", "down"]}}

OWN: dict[str, Schema] = {
    "csrf_token": _object(csrf_token=TEXT),
    "list_customer_sessions": _SESSIONS,
    "list_staff_sessions": _SESSIONS,
    "end_customer_sessions": _ENDED,
    "end_staff_sessions": _ENDED,
    "end_customer_session": _object(message=TEXT),
    "end_staff_session": _object(message=TEXT),
    "health": _object(status={"enum": ["ok", "degraded", "down"]}, parts=_STATES),
    "openapi": _object(openapi=TEXT),
    "asyncapi": _object(asyncapi=TEXT),
}
"""What the gateway's own documented answers look like, by the names that the route table uses."""
