"""The published events as an AsyncAPI 3 document, made from the contracts themselves."""

from collections.abc import Mapping
from inspect import getdoc
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import EVENTS
from shared.contracts.base import Event

EXCHANGE = "totetaxi.events"
SCHEMAS = "#/components/schemas/{model}"
ENVELOPE_NAME = "Envelope"
ENVELOPE = {
    "type": "object",
    "description": "CloudEvents 1.0; what the event says is in `data`.",
    "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string"},
        "type": {"type": "string"},
        "subject": {"type": "string", "format": "uuid", "description": "The aggregate's id."},
        "time": {"type": "string", "format": "date-time"},
        "sequence": {"type": "string", "description": "The aggregate's version."},
        "correlationid": {"type": "string", "description": "The request that everything goes back to."},
        "causationid": {"type": "string", "description": "The event that caused this one."},
        "traceparent": {"type": "string"},
        "data": {"type": "object"},
    },
}


def asyncapi_document(events: Mapping[str, type[Event]] = EVENTS) -> dict[str, Any]:
    """All of `events` (type → contract) as one document, ready for JSON."""
    models = [(contract, "serialization") for contract in events.values()]
    _, definitions = models_json_schema(models, ref_template=SCHEMAS)  # type: ignore[arg-type]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tote Taxi events",
            "version": "1",
            "description": "What the services tell each other: at least once, in order for each aggregate.",
        },
        "defaultContentType": "application/json",
        "channels": {event_type: _channel(event_type) for event_type in events},
        "operations": {f"publish.{event_type}": _operation(event_type) for event_type in events},
        "components": {
            "messages": {event_type: _message(contract) for event_type, contract in events.items()},
            "schemas": {ENVELOPE_NAME: ENVELOPE, **definitions["$defs"]},
        },
    }


def _publisher(contract: type[Event]) -> str:
    return contract.__module__.rpartition(".")[2]


def _channel(event_type: str) -> dict[str, Any]:
    return {
        "address": event_type,
        "messages": {"event": {"$ref": f"#/components/messages/{event_type}"}},
        "bindings": {
            "amqp": {"is": "routingKey", "exchange": {"name": EXCHANGE, "type": "topic", "durable": True}},
        },
    }


def _operation(event_type: str) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{event_type}"}}


def _message(contract: type[Event]) -> dict[str, Any]:
    data = {"$ref": SCHEMAS.format(model=contract.__name__)}
    return {
        "name": contract.type,
        "title": contract.__name__,
        "summary": (getdoc(contract) or "").partition("\n")[0],
        "contentType": "application/cloudevents+json",
        "tags": [{"name": _publisher(contract)}],
        "payload": {
            "allOf": [
                {"$ref": SCHEMAS.format(model=ENVELOPE_NAME)},
                {"properties": {"type": {"const": contract.type}, "data": data}},
            ]
        },
    }
