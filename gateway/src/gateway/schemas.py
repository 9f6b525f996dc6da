"""Shapes of answers for the API's document: the gateway's own ones, and the problem that every refusal is."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
NO_PAGE: Schema = {"type": "null"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


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
_BEAT = _object(
    service=TEXT,
    name=TEXT,
    kind={"enum": ["job", "loop"]},
    every_seconds=NUMBER,
    last_started_at=_or_null(TIME),
    last_success_at=_or_null(TIME),
    last_error=_or_null(TEXT),
    last_error_at=_or_null(TIME),
    expected_since=TIME,
    missed={"type": "boolean"},
)
_PARKED = _object(
    service=TEXT,
    id=TEXT,
    event_id=TEXT,
    type=TEXT,
    error=TEXT,
    attempts=NUMBER,
    first_seen_at=TIME,
    last_seen_at=TIME,
    resolved_at=_or_null(TIME),
)
_UNAVAILABLE = {**_list(TEXT), "description": "Services that did not answer."}
_PARKED_DETAIL = {
    "type": "object",
    "properties": {
        **{name: schema for name, schema in _PARKED["properties"].items() if name != "service"},
        "body": TEXT,
        "headers": {"type": "object"},
        "resolution": _or_null(TEXT),
    },
}
_PARKED_ORDER = _object(service=TEXT, id={**TEXT, "format": "uuid"})
_PARKED_ORDER["examples"] = [
    {"service": "booking", "id": "01a20000-0000-7000-8000-000000000001", "action": "drop", "reason": "Made by a test."}
]
_PARKED_ORDER["properties"]["action"] = {"enum": ["retry", "drop", None], "default": "retry"}
_PARKED_ORDER["properties"]["reason"] = {**_or_null(TEXT), "description": "Needed to drop."}
_FIGURES: Schema = {
    "type": "object",
    "additionalProperties": NUMBER,
    "description": "What was counted and summed; `wrong` counts what breaks the check.",
}
_CHECK = _object(service=TEXT, name=TEXT, ok={"type": "boolean"}, figures=_FIGURES, details=TEXT)
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
    "heartbeats": _object(
        results=_list(_BEAT),
        count=NUMBER,
        next=NO_PAGE,
        previous=NO_PAGE,
        unavailable=_UNAVAILABLE,
        missed=NUMBER,
        checked_at=TIME,
    ),
    "invariants": _object(ok={"type": "boolean"}, checks=_list(_CHECK), unavailable=_UNAVAILABLE, checked_at=TIME),
    "parked_events": _object(
        results=_list(_PARKED), count=NUMBER, next=NO_PAGE, previous=NO_PAGE, unavailable=_UNAVAILABLE
    ),
    "parked_event": _PARKED_DETAIL,
    "resolve_parked_event": _object(message=TEXT),
    "openapi": _object(openapi=TEXT),
    "asyncapi": _object(asyncapi=TEXT),
}
"""What the gateway's own documented answers look like, by the names that the route table uses."""

OWN_BODIES: dict[str, Schema] = {"resolve_parked_event": _PARKED_ORDER}
"""What is sent to those that take a body."""
