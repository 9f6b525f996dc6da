"""Prices as plain values: as they are answered, and as they are kept with a booking."""

from collections.abc import Mapping
from typing import Any

from shared.money import dollars

from booking.domain.pricing import Line, Price
from booking.domain.quotes import Quote


def quote_document(quote: Quote) -> dict[str, Any]:
    """A quote as the preview answers it and as refusals carry the new price."""
    price = quote.price
    return {
        "base_price_dollars": dollars(price.amounts.base_price_cents),
        "surcharges": _surcharges(price),
        "total_price_cents": price.total_cents,
        "total_price_dollars": dollars(price.total_cents),
        "breakdown": {**vars(price.amounts), "total_cents": price.total_cents},
        "explanations": _explanations(price),
        "is_outside_core_area": price.is_outside_core_area,
        "catalog_version": price.catalog_version,
        "quote_token": quote.token,
        "expires_at": quote.expires_at,
    }


def price_detail(price: Price) -> dict[str, Any]:
    """What a booking keeps of its price beside the amounts."""
    return {
        "surcharges": _surcharges(price),
        "explanations": _explanations(price),
        "organizing_services": [
            {
                "id": service.id,
                "service_type": service.service_type,
                "name": service.name,
                "is_packing_service": service.is_packing_service,
                "price_cents": service.price_cents,
                "price_dollars": dollars(service.price_cents),
                "duration_hours": service.duration_hours,
                "organizer_count": service.organizer_count,
            }
            for service in price.organizing
        ],
        "zones": list(price.zones),
    }


def pricing_document(prices: Mapping[str, int], detail: Mapping[str, Any]) -> dict[str, Any]:
    """A booked price: every line in cents, the total in dollars too, the surcharges and why each line is as it is."""
    return {
        **prices,
        "total_cents": prices["total_price_cents"],
        "base_price_dollars": dollars(prices["base_price_cents"]),
        "total_price_dollars": dollars(prices["total_price_cents"]),
        "surcharges": detail["surcharges"],
        "explanations": detail["explanations"],
    }


def _surcharges(price: Price) -> list[dict[str, Any]]:
    return [
        {
            "type": surcharge.type,
            "name": surcharge.name,
            "amount_cents": surcharge.amount_cents,
            "amount_dollars": dollars(surcharge.amount_cents),
        }
        for surcharge in price.surcharges
    ]


def _explanations(price: Price) -> list[dict[str, Any]]:
    return [explanation(line, price.catalog_version) for line in price.lines]


def explanation(line: Line, catalog_version: int) -> dict[str, Any]:
    """Why a line of a price is what it is."""
    return {
        "line": line.name,
        "amount_cents": line.amount_cents,
        "amount_dollars": dollars(line.amount_cents),
        "rule": line.rule,
        "catalog_version": catalog_version,
        "sentence": line.sentence,
    }
