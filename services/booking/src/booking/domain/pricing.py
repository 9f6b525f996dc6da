"""The price of a move. Preview, booking, staff quote and rebooking all call `price` and nothing else.

Amounts are integer cents; every percentage is rounded half up once, on its own line.
"""

from dataclasses import dataclass

from shared.contracts.booking_state import BookedItem, PriceLines
from shared.contracts.catalog import CatalogSnapshot, MiniMovePackage, OrganizingService
from shared.errors import Refusal
from shared.money import CHARGEABLE_MINIMUM_CENTS, MAXIMUM_CENTS, format_dollars, percent_of

from booking.domain.discounts import Discount, describe, discount_cents
from booking.domain.move import Move, find_item, find_package
from booking.domain.surcharges import Surcharge, day_surcharges, geographic_surcharge
from booking.domain.windows import ONE_HOUR, window_fee
from booking.domain.zones import CORE, zone_of


class NotChargeable(Refusal):
    """The total is more than nothing but less than a card can be charged, or more than one charge can be."""

    code = "total_not_chargeable"
    message = "This total can't be charged to a card."


def check_chargeable(total_cents: int, undiscounted_cents: int = 0) -> None:
    """Raises `NotChargeable`; a total of nothing is fine, and one too high for a charge is not saved by a discount."""
    if 0 < total_cents < CHARGEABLE_MINIMUM_CENTS or max(total_cents, undiscounted_cents) > MAXIMUM_CENTS:
        raise NotChargeable(f"A total of {format_dollars(total_cents)} can't be charged to a card.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price: its amount in cents, the rule it comes from, and a sentence that explains it."""

    name: str
    amount_cents: int
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Price:
    """What a move costs by one version of the catalogue, with everything that a customer may ask about it."""

    amounts: PriceLines
    lines: tuple[Line, ...]
    surcharges: tuple[Surcharge, ...]
    items: tuple[BookedItem, ...]
    organizing: tuple[OrganizingService, ...]
    zones: tuple[str, ...]
    catalog_version: int
    discount: Discount | None = None

    @property
    def total_cents(self) -> int:
        """What is to be paid."""
        return self.amounts.total_price_cents

    @property
    def is_outside_core_area(self) -> bool:
        """Whether one of the places lies outside of the core area."""
        return any(zone != CORE for zone in self.zones)


def price(move: Move, catalog: CatalogSnapshot, discount: Discount | None = None) -> Price:
    """The price of a move that the rules accept.

    Raises `DiscountUnusable` when the discount does not fit, and `NotChargeable` for totals of 1 to 49 cents (and
    beyond the largest charge). A total of nothing is fine.
    """
    package = find_package(move, catalog) if move.service_type == "mini_move" else None
    items = _booked_items(move, catalog)
    base = _base(move, catalog, package, items)
    organizing = _chosen_organizing(move, catalog, package)
    organized = _organizing(organizing)
    by_day = day_surcharges(move, base.amount_cents, catalog)
    zones = tuple(zone.code for place in move.places if (zone := zone_of(place, catalog)))
    by_zone = geographic_surcharge(zones, move.service_type, base.amount_cents, catalog)
    window = _window(move, catalog)
    lines = (
        base,
        organized,
        _organizing_tax(organized.amount_cents, catalog),
        _coi_fee(move, package),
        _by_day(by_day, move),
        _by_zone(by_zone, move),
        window,
    )
    subtotal = sum(line.amount_cents for line in lines)
    reduction = _discount(discount, subtotal, move)
    timed = [Surcharge("time_window", "1-hour pickup window", window.amount_cents)] if window.amount_cents else []
    return Price(
        amounts=_amounts(lines, subtotal, reduction.amount_cents),
        lines=(*lines, reduction),
        surcharges=(*by_day, *([by_zone] if by_zone else []), *timed),
        items=items,
        organizing=organizing,
        zones=zones,
        catalog_version=catalog.version,
        discount=discount,
    )


def _amounts(lines: tuple[Line, ...], subtotal: int, reduction: int) -> PriceLines:
    total = subtotal - reduction
    check_chargeable(total, undiscounted_cents=subtotal)
    return PriceLines(
        **{f"{line.name}_cents": line.amount_cents for line in lines},
        subtotal_cents=subtotal,
        discount_cents=reduction,
        total_price_cents=total,
    )


def _booked_items(move: Move, catalog: CatalogSnapshot) -> tuple[BookedItem, ...]:
    found = ((find_item(wanted, catalog), wanted.quantity) for wanted in move.specialty_items)
    return tuple(
        BookedItem(item_type=item.item_type, name=item.name, quantity=quantity, unit_price_cents=item.price_cents)
        for item, quantity in found
        if item is not None
    )


def _base(move: Move, catalog: CatalogSnapshot, package: MiniMovePackage | None, items: tuple[BookedItem, ...]) -> Line:
    if package is not None:
        return Line("base_price", package.base_price_cents, "package", f"{package.name} package.")
    if move.service_type == "standard_delivery":
        return _delivery(move.item_count or 0, move.is_same_day, catalog)
    total = sum(item.unit_price_cents * item.quantity for item in items)
    listed = ", ".join(f"{item.quantity} × {item.name} at {format_dollars(item.unit_price_cents)}" for item in items)
    return Line("base_price", total, "specialty_items", f"{listed}.")


def _delivery(count: int, same_day: bool, catalog: CatalogSnapshot) -> Line:
    config = catalog.standard_delivery
    if same_day:
        flat = config.same_day_flat_rate_cents
        return Line("base_price", flat, "same_day_flat_rate", "Same-day delivery at a flat rate, however many items.")
    by_item = count * config.price_per_item_cents
    if by_item < config.minimum_charge_cents:
        sentence = f"The minimum charge of a delivery, {format_dollars(config.minimum_charge_cents)}."
        return Line("base_price", config.minimum_charge_cents, "minimum_charge", sentence)
    each = format_dollars(config.price_per_item_cents)
    return Line("base_price", by_item, "price_per_item", f"{count} × {each} per item.")


def _chosen_organizing(
    move: Move, catalog: CatalogSnapshot, package: MiniMovePackage | None
) -> tuple[OrganizingService, ...]:
    if package is None:
        return ()
    wanted = {kind for kind, chosen in ((True, move.include_packing), (False, move.include_unpacking)) if chosen}
    return tuple(
        service
        for service in catalog.organizing_services
        if service.mini_move_tier == package.package_type and service.is_packing_service in wanted
    )


def _organizing(services: tuple[OrganizingService, ...]) -> Line:
    if not services:
        return Line("organizing_total", 0, "none", "No packing or unpacking.")
    listed = " and ".join(f"{service.name} at {format_dollars(service.price_cents)}" for service in services)
    return Line("organizing_total", sum(service.price_cents for service in services), "organizing", f"{listed}.")


def _organizing_tax(organizing_cents: int, catalog: CatalogSnapshot) -> Line:
    percent = catalog.policies.organizing_tax_percent
    if not organizing_cents:
        return Line("organizing_tax", 0, "none", "Nothing here is taxed.")
    sentence = f"{percent} % tax on packing and unpacking."
    return Line("organizing_tax", percent_of(organizing_cents, percent), "organizing_tax", sentence)


def _coi_fee(move: Move, package: MiniMovePackage | None) -> Line:
    if package is None or not move.coi_required:
        return Line("coi_fee", 0, "none", "No certificate of insurance.")
    if package.coi_included:
        sentence = f"The {package.name} package includes the certificate of insurance."
        return Line("coi_fee", 0, "coi_included", sentence)
    return Line("coi_fee", package.coi_fee_cents, "coi_fee", "Certificate of insurance.")


def _by_day(applied: list[Surcharge], move: Move) -> Line:
    if not applied:
        reason = "Same-day deliveries pay no weekend or holiday surcharge." if move.is_same_day else "An ordinary day."
        return Line("surcharge", 0, "none", reason)
    listed = ", ".join(f"{surcharge.name} {format_dollars(surcharge.amount_cents)}" for surcharge in applied)
    return Line("surcharge", sum(surcharge.amount_cents for surcharge in applied), "day", f"{listed}.")


def _by_zone(applied: Surcharge | None, move: Move) -> Line:
    if applied is None:
        sentence = "Within the core area." if move.places else "Depends on the places, which are not known yet."
        return Line("geographic_surcharge", 0, "none", sentence)
    sentence = f"{applied.name}; charged once, the dearer of the two places counts."
    return Line("geographic_surcharge", applied.amount_cents, "geographic", sentence)


def _window(move: Move, catalog: CatalogSnapshot) -> Line:
    if move.pickup_time != ONE_HOUR:
        return Line("time_window_surcharge", 0, "none", "No 1-hour pickup window.")
    fee = window_fee(move, catalog)
    sentence = "A pickup window of one hour." if fee else "The pickup window of one hour is free here."
    return Line("time_window_surcharge", fee, "time_window", sentence)


def _discount(discount: Discount | None, subtotal: int, move: Move) -> Line:
    if discount is None:
        return Line("discount", 0, "none", "No discount code.")
    amount = discount_cents(discount, subtotal, move.service_type)
    return Line("discount", amount, "discount_code", describe(discount, amount))
