"""Valid bodies for the catalogue that staff keep. None of them changes a price that another test counts on."""

from typing import Any

THINGS = (
    "packages",
    "organizing-services",
    "specialty-items",
    "delivery-configs",
    "surcharges",
    "zones",
    "discount-codes",
)
CATALOG_REMOVALS = tuple(f"DELETE /api/staff/catalog/{thing}/{{id}}/" for thing in THINGS)

_ADDED: dict[str, dict[str, Any]] = {
    "packages": {"package_type": "petite", "name": "Petite", "base_price_cents": 99500, "max_items": None},
    "organizing-services": {
        "service_type": "petite_packing",
        "mini_move_tier": "petite",
        "is_packing_service": True,
        "name": "Petite packing",
        "price_cents": 100,
        "duration_hours": 1,
        "organizer_count": 1,
        "supplies_allowance_cents": 0,
    },
    "specialty-items": {
        "item_type": "grand_piano",
        "name": "Grand piano",
        "description": "With its bench.",
        "price_cents": 60000,
        "requires_van_schedule": True,
        "special_handling": True,
        "max_quantity_per_booking": 1,
        "is_active": False,
    },
    "delivery-configs": {
        "price_per_item_cents": 9500,
        "minimum_items": 1,
        "minimum_charge_cents": 9500,
        "same_day_flat_rate_cents": 39500,
        "max_weight_per_item_lbs": 50,
        "is_active": False,
    },
    "surcharges": {
        "surcharge_type": "holiday",
        "name": "A day long ago",
        "applies_to_service_type": "all",
        "calculation_type": "percentage",
        "percentage": "12.50",
        "specific_date": "2020-12-25",
    },
    "zones": {
        "code": "far_west",
        "name": "Jamestown",
        "states": ["NY"],
        "zip_codes": ["14701"],
        "zip_prefixes": ["1470"],
        "position": 3,
    },
    "discount-codes": {
        "code": "NOBODY",
        "discount_type": "percentage",
        "value": "10.00",
        "max_uses": 10,
        "max_uses_per_customer": 1,
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_until": "2020-02-01T00:00:00Z",
        "minimum_order_cents": 0,
        "maximum_discount_cents": 5000,
        "allowed_service_types": ["mini_move"],
    },
}

_POLICIES = {
    "organizing_tax_percent": "8.75",
    "unpaid_expiry_hours": 24,
    "same_day_cutoff": "12:00",
    "booking_horizon_days": 365,
    "free_reschedule_hours": 48,
    "late_reschedule_fee_cents": 5000,
}


def catalog_bodies() -> dict[str, list[dict[str, Any]]]:
    """Operation → its valid bodies."""
    added = {f"POST /api/staff/catalog/{thing}/": [body] for thing, body in _ADDED.items()}
    changed = {f"PUT /api/staff/catalog/{thing}/{{id}}/": [body] for thing, body in _ADDED.items()}
    return added | changed | {"PUT /api/staff/catalog/policies/": [_POLICIES]}
