"""The envelope around an event: CloudEvents 1.0 in JSON.

Its extensions are `sequence` (the aggregate's version), `correlationid`, `causationid` and `traceparent`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from shared.context import causation_id, correlation_id
from shared.contracts import EVENTS
from shared.contracts.base import Event
from shared.ids import new_id
from shared.telemetry.propagation import current_traceparent

_TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.v[0-9]+")

LARGEST_BODY = 256 * 1024
"""Bytes. Larger bodies are refused before they reach the outbox: the broker is no file store."""


class BadMessage(Exception):
    """The message's bytes are not an event that this code can understand. Trying again can't help."""


class EventTooLarge(ValueError):
    """The event does not fit into a message, so what it tells of must not happen."""


class UnknownEvent(Exception):
    """An event type that nobody here has heard of."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it arrived: `sequence` is its aggregate's version."""

    id: UUID
    type: str
    subject: UUID
    time: datetime
    sequence: int
    correlation_id: str
    traceparent: str
    event: Event


def outbox_row(event: Event, version: int, ordinal: int, now: datetime) -> dict[str, Any]:
    """The outbox row of this event, with its data as JSON text; raises `EventTooLarge`."""
    data = event.model_dump_json()
    if len(data.encode()) > LARGEST_BODY:
        raise EventTooLarge(f"{event.type} is larger than {LARGEST_BODY} bytes")
    return {
        "event_id": new_id(),
        "aggregate_type": event.aggregate,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": version,
        "ordinal": ordinal,
        "type": event.type,
        "time": now,
        "data": data,
        "trace_context": {
            "traceparent": current_traceparent(),
            "correlationid": correlation_id.get(),
            "causationid": causation_id.get(),
        },
    }


def encode(source: str, row: Mapping[str, Any]) -> bytes:
    """The bytes of an outbox row on the wire. `row["data"]` is JSON text and goes in as it is."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(row["event_id"]),
            "source": f"totetaxi/{source}",
            "type": row["type"],
            "subject": str(row["aggregate_id"]),
            "time": row["time"],
            "datacontenttype": "application/json",
            "sequence": str(row["aggregate_version"]),
            **{name: value for name, value in row["trace_context"].items() if value},
            "data": orjson.Fragment(row["data"]),
        }
    )


def decode(body: bytes) -> Received:
    """The event in a message's body; raises `UnknownEvent` or `BadMessage`."""
    if len(body) > LARGEST_BODY * 2:
        raise BadMessage("The body is too large.")
    try:
        envelope = orjson.loads(body)
        contract = _contract_of(envelope["type"])
        return Received(
            id=UUID(envelope["id"]),
            type=envelope["type"],
            subject=UUID(envelope["subject"]),
            time=datetime.fromisoformat(envelope["time"]),
            sequence=int(envelope["sequence"]),
            correlation_id=str(envelope.get("correlationid", "")),
            traceparent=str(envelope.get("traceparent", "")),
            event=contract.model_validate(envelope["data"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadMessage(f"{type(error).__name__}: {str(error)[:500]}") from error


def _contract_of(event_type: object) -> type[Event]:
    if not isinstance(event_type, str) or not _TYPE.fullmatch(event_type):
        raise BadMessage("The type is not the name of an event.")
    if contract := EVENTS.get(event_type):
        return contract
    noun_verb, _, _ = event_type.rpartition(".v")
    if any(known.rpartition(".v")[0] == noun_verb for known in EVENTS):
        raise BadMessage(f"{event_type} is a version that this code does not know yet.")
    raise UnknownEvent(event_type)
