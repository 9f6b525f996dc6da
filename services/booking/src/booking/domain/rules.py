"""Which moves can be booked at all. Every rule that is broken is told by its field, all of them at once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.base import ServiceType
from shared.contracts.catalog import CatalogSnapshot

from booking.domain.move import Move, Problem, Problems, find_item, find_package
from booking.domain.schedule import schedule_problems
from booking.domain.windows import NotOffered, window_fee

MOST_SPECIALTY_ITEMS = 5

_OWN_FIELDS: dict[ServiceType, frozenset[str]] = {
    "mini_move": frozenset(
        {"package_id", "package_type", "include_packing", "include_unpacking", "item_count", "coi_required"}
    ),
    "standard_delivery": frozenset({"item_count", "is_same_day"}),
    "specialty_item": frozenset({"specialty_items"}),
}
_SERVICE_FIELDS: frozenset[str] = frozenset().union(*_OWN_FIELDS.values())
_NAMES: dict[ServiceType, str] = {
    "mini_move": "mini moves",
    "standard_delivery": "standard deliveries",
    "specialty_item": "specialty items",
}


def move_problems(move: Move, catalog: CatalogSnapshot, now: datetime, zone: ZoneInfo) -> Problems:
    """Everything that is wrong with the move as seen at `now`, apart from its places."""
    return chain(
        _foreign_fields(move),
        _own_rules(move, catalog),
        _window_problems(move, catalog),
        schedule_problems(move, catalog.policies, now, zone),
    )


def by_field(problems: Iterable[Problem], prefix: str = "") -> dict[str, list[str]]:
    """Problems as field errors; `prefix` is put before every path."""
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for field, sentence in problems:
        errors[prefix + field].append(sentence)
    return dict(errors)


def _foreign_fields(move: Move) -> Problems:
    for field in sorted(_SERVICE_FIELDS - _OWN_FIELDS[move.service_type]):
        if _is_given(getattr(move, field)):
            yield field, f"This does not go with {_NAMES[move.service_type]}."


def _is_given(value: Any) -> bool:
    return value is not None and value is not False and value != ()


def _own_rules(move: Move, catalog: CatalogSnapshot) -> Problems:
    match move.service_type:
        case "mini_move":
            return _mini_move(move, catalog)
        case "standard_delivery":
            return _standard_delivery(move, catalog)
        case "specialty_item":
            return _specialty_items(move, catalog)


def _mini_move(move: Move, catalog: CatalogSnapshot) -> Problems:
    field = "package_id" if move.package_id is not None else "package_type"
    if move.package_id is None and move.package_type is None:
        yield field, "Choose a package."
        return
    package = find_package(move, catalog)
    if package is None:
        yield field, "This package is not available."
    elif move.item_count is not None and package.max_items is not None and move.item_count > package.max_items:
        yield "item_count", f"The {package.name} package holds at most {package.max_items} items."
    if package is not None:
        yield from _organizing(move, catalog, package.package_type)


def _organizing(move: Move, catalog: CatalogSnapshot, tier: str) -> Problems:
    offered = {service.is_packing_service for service in catalog.organizing_services if service.mini_move_tier == tier}
    if move.include_packing and True not in offered:
        yield "include_packing", "Packing is not available with this package."
    if move.include_unpacking and False not in offered:
        yield "include_unpacking", "Unpacking is not available with this package."


def _standard_delivery(move: Move, catalog: CatalogSnapshot) -> Problems:
    minimum = catalog.standard_delivery.minimum_items
    if move.item_count is None:
        yield "item_count", "Tell how many items are to be delivered."
    elif move.item_count < minimum:
        yield "item_count", f"At least {minimum} {'item' if minimum == 1 else 'items'} can be delivered."


def _specialty_items(move: Move, catalog: CatalogSnapshot) -> Problems:
    if not move.specialty_items:
        yield "specialty_items", "Choose at least one specialty item."
    if sum(wanted.quantity for wanted in move.specialty_items) > MOST_SPECIALTY_ITEMS:
        yield "specialty_items", f"At most {MOST_SPECIALTY_ITEMS} specialty items go into one booking."
    booked: defaultdict[str, int] = defaultdict(int)
    for position, wanted in enumerate(move.specialty_items):
        path = f"specialty_items.{position}"
        item = find_item(wanted, catalog) if wanted.id or wanted.item_type else None
        if item is None:
            yield f"{path}.{'id' if wanted.id else 'item_type'}", "This specialty item is not available."
            continue
        booked[item.item_type] += wanted.quantity
        if booked[item.item_type] > item.max_quantity_per_booking:
            yield f"{path}.quantity", f"At most {item.max_quantity_per_booking} of {item.name} go into one booking."


def _window_problems(move: Move, catalog: CatalogSnapshot) -> Problems:
    try:
        window_fee(move, catalog)
    except NotOffered:
        yield "pickup_time", "This pickup window is not offered here."
