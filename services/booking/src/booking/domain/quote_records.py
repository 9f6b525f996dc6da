"""Prices as they are kept: with all that they were computed from, so that each can be computed again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from shared.contracts.catalog import ServiceZone

from booking.domain.discounts import Discount
from booking.domain.move import Move, Place, WantedItem
from booking.domain.pricing import Price
from booking.domain.zones import zone_among

Occasion = Literal["booked", "rescheduled"]


@dataclass(frozen=True, slots=True)
class QuoteRecord:
    """A price that a booking was made or changed at. `prices` are its lines in cents, fees included.

    `override_cents`: what staff agreed on as the total, before fees; null when the price is the computed one.
    """

    occasion: Occasion
    move: dict[str, Any]
    discount: dict[str, Any] | None
    catalog_version: int
    prices: dict[str, int]
    total_cents: int
    override_cents: int | None = None
    reason: str = ""
    outcome: dict[str, Any] | None = None


def record_of(
    occasion: Occasion, move: Move, price: Price, prices: dict[str, int], override_cents: int | None = None
) -> QuoteRecord:
    """The record of `price`, of which `prices` are the booked lines."""
    return QuoteRecord(
        occasion=occasion,
        move=move_document(move),
        discount=discount_document(price.discount),
        catalog_version=price.catalog_version,
        prices=prices,
        total_cents=prices["total_price_cents"],
        override_cents=override_cents,
    )


def agreed_total(override_cents: int | None, prices: dict[str, int]) -> int | None:
    """The total before fees that a kept price was agreed on at, in cents; null for the computed price.

    Prices of moves from before the agreed total was kept with each tell it by their lines.
    """
    if override_cents is not None or not prices.get("price_override_cents"):
        return override_cents
    return prices["total_price_cents"] - prices["reschedule_fee_cents"]


def move_document(move: Move) -> dict[str, Any]:
    """A resolved move as plain JSON values."""
    document = asdict(move) | {"pickup": _place_document(move.pickup), "delivery": _place_document(move.delivery)}
    document["pickup_date"] = move.pickup_date.isoformat() if move.pickup_date else None
    document["specialty_items"] = [
        {"quantity": item.quantity, "item_type": item.item_type} for item in move.specialty_items
    ]
    return document


def without_zip_codes(document: dict[str, Any], zones: Sequence[ServiceZone]) -> dict[str, Any]:
    """The kept move without its ZIP codes; the zones that they fell in stay, since the price depends on them."""
    sides = {side: document[side] for side in ("pickup", "delivery") if document[side] and document[side]["zip_code"]}
    return {**document, **{side: _zoned(Place(**place), zones) for side, place in sides.items()}}


def _zoned(place: Place, zones: Sequence[ServiceZone]) -> dict[str, Any]:
    zone = zone_among(zones, place)
    return {"state": place.state, "zip_code": "", **({"zone": zone.code} if zone else {})}


def _place_document(place: Place | None) -> dict[str, str] | None:
    return {"state": place.state, "zip_code": place.zip_code} if place else None


def move_of_document(document: dict[str, Any]) -> Move:
    """The move that was kept."""
    places = {side: Place(**document[side]) if document[side] else None for side in ("pickup", "delivery")}
    day = document["pickup_date"]
    return replace(
        Move(**{**document, **places}),
        pickup_date=date.fromisoformat(day) if day else None,
        specialty_items=tuple(WantedItem(**item) for item in document["specialty_items"]),
    )


def discount_document(discount: Discount | None) -> dict[str, Any] | None:
    """The terms of a code as plain JSON values."""
    if discount is None:
        return None
    return {
        **asdict(discount),
        "value": str(discount.value),
        "allowed_service_types": list(discount.allowed_service_types),
    }


def discount_of_document(document: dict[str, Any] | None) -> Discount | None:
    """The terms that were kept."""
    if document is None:
        return None
    allowed = tuple(document["allowed_service_types"])
    return Discount(**{**document, "value": Decimal(document["value"]), "allowed_service_types": allowed})
