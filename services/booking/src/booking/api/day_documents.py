"""A day's work as the office and the crews see it."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row

ON_THE_ROAD = ("confirmed", "paid", "in_progress", "completed")
"""What a crew is shown; whoever has not paid is not moved yet."""


def schedule_document(day: date, moves: list[Row[Any]]) -> dict[str, Any]:
    """The day by windows, each with its stops: where something is picked up, and where it is delivered."""
    windows = []
    for (start, end), within in groupby(moves, lambda move: (move.window_start, move.window_end)):
        stops = [stop for move in within for stop in stops_of(move)]
        windows.append({"window_start": start, "window_end": end, "stops": stops})
    return {"date": day, "bookings": len(moves), "windows": windows}


def stops_of(move: Row[Any]) -> list[dict[str, Any]]:
    """The two stops of a move, for the office."""
    shared_part = move_document(move)
    return [
        {**shared_part, "type": "pickup", "address": move.pickup_address, "done_at": shared_part["picked_up_at"]},
        {**shared_part, "type": "delivery", "address": move.delivery_address, "done_at": shared_part["delivered_at"]},
    ]


_AS_IT_IS = (
    "booking_number", "version", "status", "service_type", "package_type", "item_count", "item_description",
    "include_packing", "include_unpacking", "coi_required", "special_instructions", "pickup_time",
    "specific_pickup_hour", "window_start", "window_end",
)  # fmt: skip


def move_document(move: Row[Any]) -> dict[str, Any]:
    """What whoever moves it must know."""
    reports: Mapping[str, Any] = move.reports or {}
    return {
        "booking_id": move.id,
        **{name: getattr(move, name) for name in _AS_IT_IS},
        "specialty_items": [{"name": one["name"], "quantity": one["quantity"]} for one in move.specialty_items],
        "customer_name": f"{move.first_name} {move.last_name}".strip(),
        "customer_phone": move.phone,
        "crew": {"id": move.crew_id, "name": move.present_crew_name} if move.crew_id else None,
        "van": {"id": move.van_id, "name": move.present_van_name} if move.van_id else None,
        "sequence": move.stop_sequence,
        "needs_van": needs_van(move),
        "on_the_way_at": reports.get("on_the_way"),
        "picked_up_at": reports.get("picked_up"),
        "delivered_at": reports.get("delivered"),
    }


def needs_van(move: Row[Any]) -> bool:
    """Whether something on it can be moved by van alone."""
    items = {item["item_type"] for item in move.catalog_items or () if item["requires_van_schedule"]}
    return any(item["item_type"] in items for item in move.specialty_items)


def summary_of_day(day: date, moves: list[Row[Any]]) -> dict[str, Any]:
    """How full the day is and what is still to be decided."""
    statuses: dict[str, int] = {}
    for move in moves:
        statuses[move.status] = statuses.get(move.status, 0) + 1
    return {
        "date": day,
        "bookings": len(moves),
        "by_status": statuses,
        "unassigned": sum(move.crew_id is None for move in moves),
        "without_van": sum(move.van_id is None for move in moves),
        "needing_van": sum(move.van_id is None and needs_van(move) for move in moves),
        "crews": _loads(moves, "crew"),
        "vans": _loads(moves, "van"),
    }


def _loads(moves: list[Row[Any]], kind: str) -> list[dict[str, Any]]:
    loads: dict[UUID, dict[str, Any]] = {}
    for move in moves:
        if (resource_id := getattr(move, f"{kind}_id")) is not None:
            name = getattr(move, f"present_{kind}_name")
            load = loads.setdefault(resource_id, {"id": resource_id, "name": name, "bookings": 0, "completed": 0})
            load["bookings"] += 1
            load["completed"] += move.status == "completed"
    return sorted(loads.values(), key=lambda load: str(load["name"]).lower())


def run_sheet(day: date, moves: list[Row[Any]]) -> dict[str, Any]:
    """The day by crews, each with its moves in the order in which it does them; what has no crew comes last."""
    by_crew: dict[UUID | None, list[Row[Any]]] = {}
    for move in moves:
        by_crew.setdefault(move.crew_id, []).append(move)
    sheets: list[dict[str, Any]] = [
        {
            "crew": {"id": crew_id, "name": theirs[0].present_crew_name} if crew_id else None,
            "moves": [_sheet_move(move) for move in sorted(theirs, key=_road_order)],
        }
        for crew_id, theirs in by_crew.items()
    ]
    sheets.sort(key=lambda sheet: (sheet["crew"] is None, str((sheet["crew"] or {}).get("name", "")).lower()))
    return {"date": day, "bookings": len(moves), "sheets": sheets}


def _sheet_move(move: Row[Any]) -> dict[str, Any]:
    places = {"pickup_address": move.pickup_address, "delivery_address": move.delivery_address}
    return {**move_document(move), **places}


def _road_order(move: Row[Any]) -> tuple[Any, ...]:
    return (move.stop_sequence, move.window_start, move.booking_number)


def crew_document(crew: Row[Any], day: date, is_today: bool, moves: list[Row[Any]]) -> dict[str, Any]:
    """A crew's day, for the crew: nothing that only the office needs. Only today's stops can be told of."""
    hidden = {"version", "crew"}
    shown = [
        {name: value for name, value in _sheet_move(move).items() if name not in hidden}
        for move in moves
        if move.status in ON_THE_ROAD
    ]
    named = {"name": crew.name, "members": crew.members}
    return {"crew": named, "date": day, "is_today": is_today, "stops": shown}
