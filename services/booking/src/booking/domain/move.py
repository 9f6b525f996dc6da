"""What a customer wants moved, when and between which places: everything that a price depends on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.contracts.base import PackageType, PickupTime, ServiceType
from shared.contracts.catalog import CatalogSnapshot, MiniMovePackage, SpecialtyItem

Problem = tuple[str, str]
"""A field's path and a sentence about what is wrong with it."""

Problems = Iterator[Problem]


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are picked up or delivered, as far as the price depends on it.

    `zone` is the code of its zone, for a place whose ZIP code has been erased.
    """

    state: str
    zip_code: str
    zone: str | None = None

    @property
    def zip5(self) -> str:
        """The ZIP code without its extension."""
        return self.zip_code[:5]


@dataclass(frozen=True, slots=True)
class WantedItem:
    """A specialty item, named by its id or by its type."""

    quantity: int
    id: UUID | None = None
    item_type: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A move as it was asked for. A preview may leave out the day and the places; a booking has them all."""

    service_type: ServiceType
    package_id: UUID | None = None
    package_type: PackageType | None = None
    item_count: int | None = None
    specialty_items: tuple[WantedItem, ...] = ()
    include_packing: bool = False
    include_unpacking: bool = False
    is_same_day: bool = False
    coi_required: bool = False
    pickup_date: date | None = None
    pickup_time: PickupTime = "no_time_preference"
    specific_pickup_hour: int | None = None
    pickup: Place | None = None
    delivery: Place | None = None
    discount_code: str | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that are known."""
        return tuple(place for place in (self.pickup, self.delivery) if place is not None)


def find_package(move: Move, catalog: CatalogSnapshot) -> MiniMovePackage | None:
    """The active package that the move names by id or type; nothing if there is none or the two disagree."""
    for package in catalog.mini_move_packages:
        if move.package_id in (None, package.id) and move.package_type in (None, package.package_type):
            return package
    return None


def find_item(wanted: WantedItem, catalog: CatalogSnapshot) -> SpecialtyItem | None:
    """The active specialty item that is named by id or type; nothing if there is none or the two disagree."""
    for item in catalog.specialty_items:
        if wanted.id in (None, item.id) and wanted.item_type in (None, item.item_type):
            return item
    return None


def resolved(move: Move, catalog: CatalogSnapshot) -> Move:
    """The same move with packages and items named by their types, items in the catalogue's order.

    Only for moves that the rules have accepted: two moves that mean the same become equal.
    """
    package = find_package(move, catalog) if move.service_type == "mini_move" else None
    quantities: dict[str, int] = {}
    for wanted in move.specialty_items:
        if item := find_item(wanted, catalog):
            quantities[item.item_type] = quantities.get(item.item_type, 0) + wanted.quantity
    return replace(
        move,
        package_id=None,
        package_type=package.package_type if package else None,
        specialty_items=tuple(WantedItem(count, item_type=name) for name, count in sorted(quantities.items())),
        discount_code=move.discount_code.upper() if move.discount_code else None,
    )
