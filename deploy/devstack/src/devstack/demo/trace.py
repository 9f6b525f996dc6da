"""The way of one request through the services, put together from their databases and logs by its trace id."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

# What consumers log of an event is told by the inbox already, with the time at which it took effect.
TOLD_BY_INBOX = "shared.messaging.consumer"


@dataclass(frozen=True, slots=True, order=True)
class Hop:
    """One step of a trace: when, in which process, what."""

    time: datetime
    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in a service's outbox; `cause` is the id of the event that it followed from, or empty."""

    service: str
    event_id: UUID
    type: str
    time: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class Handled:
    """An event in a service's inbox."""

    service: str
    event: Recorded
    time: datetime


def trace_id_of(traceparent: str) -> str:
    """The trace id in a W3C `traceparent`; empty if there is none."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == 4 else ""


def path_of(trace_id: str, databases: Mapping[str, str], logs: Iterable[Path]) -> list[Hop]:
    """All steps of a trace in order of time."""
    recorded = [event for service, url in databases.items() for event in _recorded(service, url, trace_id)]
    handled = [arrival for service, url in databases.items() for arrival in _handled(service, url, recorded)]
    return sorted([*event_hops(recorded, handled), *logged(trace_id, logs)])


def trace_of_event(database_url: str, aggregate_id: str, event_type: str) -> str:
    """The trace in which an event of an aggregate was recorded; empty if it was not."""
    query = "SELECT trace_context->>'traceparent' FROM outbox WHERE aggregate_id = %s AND type = %s"
    with psycopg.connect(database_url) as database:
        row = database.execute(query, (aggregate_id, event_type)).fetchone()
    return trace_id_of(row[0] or "") if row else ""


def event_hops(recorded: Iterable[Recorded], handled: Iterable[Handled]) -> Iterator[Hop]:
    """The steps that events tell of; what a service recorded because of an event is one step with acting on it."""
    recorded, told = list(recorded), set[UUID]()
    for arrival in handled:
        cause = str(arrival.event.event_id)
        followed = [event for event in recorded if event.service == arrival.service and event.cause == cause]
        told |= {event.event_id for event in followed}
        what = [f"acts on {arrival.event.type}", *(f"records {event.type}" for event in followed)]
        yield Hop(arrival.time, arrival.service, " and ".join(what))
    for event in recorded:
        if event.event_id not in told:
            yield Hop(event.time, event.service, f"records {event.type}")


def logged(trace_id: str, logs: Iterable[Path]) -> Iterator[Hop]:
    """The steps that log files tell of."""
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            entry = _entry(line) if trace_id in line else {}
            if entry.get("trace_id") == trace_id and entry["logger"] != TOLD_BY_INBOX:
                yield Hop(datetime.fromisoformat(entry["time"]), entry["service"], _text(entry))


def _entry(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


def _text(entry: Mapping[str, Any]) -> str:
    about = [str(entry[name]) for name in ("kind", "route", "event_type") if entry.get(name)]
    return " ".join([str(entry["message"]), *(f"({one})" for one in about)])


def _recorded(service: str, database_url: str, trace_id: str) -> list[Recorded]:
    query = """SELECT event_id, type, time, trace_context->>'causationid' FROM outbox
               WHERE trace_context->>'traceparent' LIKE %s ORDER BY id"""
    with psycopg.connect(database_url) as database:
        return [Recorded(service, *row) for row in database.execute(query, (f"%-{trace_id}-%",)).fetchall()]


def _handled(service: str, database_url: str, events: Iterable[Recorded]) -> list[Handled]:
    known = {event.event_id: event for event in events}
    query = "SELECT event_id, received_at FROM inbox WHERE event_id = ANY(%s)"
    with psycopg.connect(database_url) as database:
        rows = database.execute(query, (list(known),)).fetchall()
    return [Handled(service, known[event_id], received_at) for event_id, received_at in rows]
