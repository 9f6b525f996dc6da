"""What tests begin with: the first catalogue, moves, orders, payments."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from booking.domain.booking import Actor, Booking, step
from booking.domain.move import Move, Place
from shared.contracts.booking_state import PriceLines
from shared.contracts.catalog import CatalogSnapshot
from shared.contracts.payments import PaymentState, RefundState
from shared.ids import new_id

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in New York."""

MONDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, day) for day in (30, 27, 28, 29))
MANHATTAN, MONTAUK, QUEENS = Place("NY", "10001"), Place("NY", "11954"), Place("NY", "11101")
GREENWICH, HOBOKEN = Place("CT", "06830"), Place("NJ", "07030")

_FIRST = json.loads((Path(__file__).parent / "catalog.json").read_text())
_FIRST["policies"]["daily_capacity"] = dict.fromkeys(("mini_move", "standard_delivery", "specialty_item"), 1000)
"""So much that no day fills up in tests of other things."""


def id_of(name: str) -> UUID:
    """A lasting id for a named part of the catalogue."""
    return uuid5(UUID(int=0), name)


def catalog_document(version: int = 1, **changes: Any) -> dict[str, Any]:
    """The first catalogue as its owner publishes it; `changes` replace parts of it."""
    first = {**_FIRST, **changes}
    parts = ("mini_move_packages", "organizing_services", "specialty_items", "surcharge_rules", "service_zones")
    listed = {part: [{"id": str(id_of(_name(entry))), **entry} for entry in first[part]] for part in parts}
    delivery = {"id": str(id_of("delivery")), **first["standard_delivery"]}
    return {"version": version, **listed, "standard_delivery": delivery, "policies": first["policies"]}


def _name(entry: dict[str, Any]) -> str:
    return str(entry.get("package_type") or entry.get("item_type") or entry.get("code") or entry["name"])


def a_catalog(version: int = 1, **changes: Any) -> CatalogSnapshot:
    """The first catalogue; `changes` replace parts of it."""
    return CatalogSnapshot.model_validate(catalog_document(version, **changes))


def with_rules(*rules: dict[str, Any]) -> CatalogSnapshot:
    """The first catalogue with these surcharge rules instead of its own."""
    return a_catalog(surcharge_rules=list(rules))


def with_policies(**policies: Any) -> CatalogSnapshot:
    """The first catalogue with some policies changed."""
    return a_catalog(policies={**_FIRST["policies"], **policies})


def dearer_catalog(version: int = 2) -> CatalogSnapshot:
    """The first catalogue with every package $100 dearer."""
    packages = [{**one, "base_price_cents": one["base_price_cents"] + 10_000} for one in _FIRST["mini_move_packages"]]
    return a_catalog(version, mini_move_packages=packages)


def cheaper_catalog(version: int = 2) -> CatalogSnapshot:
    """The first catalogue with every package $100 cheaper."""
    packages = [{**one, "base_price_cents": one["base_price_cents"] - 10_000} for one in _FIRST["mini_move_packages"]]
    return a_catalog(version, mini_move_packages=packages)


def a_mini_move(package: Any = "petite", **values: Any) -> Move:
    """A mini move."""
    return Move(service_type="mini_move", package_type=package, **values)


def a_delivery(count: int = 1, **values: Any) -> Move:
    """A standard delivery."""
    return Move(service_type="standard_delivery", item_count=count, **values)


def an_order(**values: Any) -> dict[str, Any]:
    """A guest's order; `values` replace members, and those of the move under `details`."""
    details = {
        "service_type": "mini_move",
        "package_type": "petite",
        "pickup_date": MONDAY.isoformat(),
        "pickup_time": "morning",
        **values.pop("details", {}),
    }
    return {
        "service_details": {name: value for name, value in details.items() if value is not ...},
        "customer_info": {
            "first_name": "Ada", "last_name": "Byron", "email": "Ada@example.com", "phone": "+1 (212) 555-0123"
        },
        "addresses": {"pickup": an_address(), "delivery": an_address("2 Shore Rd", "Montauk", "NY", "11954")},
        **values,
    }  # fmt: skip


def quoted(order: dict[str, Any]) -> dict[str, Any]:
    """The preview of an order's price."""
    places = order["addresses"]
    ends = {
        f"{side}_{part}": places[side][name]
        for side in places
        for part, name in (("zip", "zip_code"), ("state", "state"))
    }
    return {**order["service_details"], **ends}


def an_address(line: str = "1 Main St", city: str = "New York", state: str = "NY", zip_code: str = "10001") -> Any:
    """An address."""
    return {"address_line_1": line, "city": city, "state": state, "zip_code": zip_code}


def a_customers_order(**values: Any) -> dict[str, Any]:
    """A customer's order."""
    order = an_order(**values)
    del order["customer_info"]
    return order


def a_booking(**values: Any) -> Booking:
    """A booking as the database holds it."""
    defaults: dict[str, Any] = {
        "id": new_id(), "booking_number": f"TT-20261123-{new_id().int % 10_000_000:07d}", "version": 1,
        "status": "pending", "customer_id": None, "first_name": "Ada", "last_name": "Byron",
        "email": "ada@example.com", "phone": "+12125550123", "service_type": "mini_move", "package_type": "petite",
        "item_count": None, "item_description": "", "specialty_items": [], "include_packing": False,
        "include_unpacking": False, "is_same_day": False, "coi_required": False, "is_outside_core_area": False,
        "pickup_date": MONDAY, "pickup_time": "morning", "specific_pickup_hour": None,
        "window_start": datetime(2026, 11, 30, 13, tzinfo=UTC), "window_end": datetime(2026, 11, 30, 16, tzinfo=UTC),
        "pickup_address": an_address(), "delivery_address": an_address(), "special_instructions": "",
        "internal_notes": "", "catalog_version": 1, "total_price_cents": 99500,
        "prices": PriceLines(base_price_cents=99500, subtotal_cents=99500, total_price_cents=99500).model_dump(),
        "price_detail": {"surcharges": [], "explanations": [], "organizing_services": [], "zones": []},
        "discount_code": None, "manage_token_sha256": "0" * 64, "manage_token_sealed": "", "saved_address_ids": [],
        "status_history": [step(None, "pending", Actor("guest"), NOW)], "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Booking(**{**defaults, **values})


def a_payment(booking: dict[str, Any], **values: Any) -> PaymentState:
    """A succeeded payment of the whole price of a booking, given as answers show it."""
    total = booking["total_price_cents"]
    defaults: dict[str, Any] = {
        "id": new_id(), "version": 3, "booking_id": booking["id"], "booking_number": booking["booking_number"],
        "customer_id": None, "purpose": "booking", "amount_cents": total, "status": "succeeded",
        "captured_cents": total, "created_at": NOW, "stripe_payment_intent_id": "pi_1",
    }  # fmt: skip
    return PaymentState(**{**defaults, **values})


def a_refund(payment: PaymentState, **values: Any) -> RefundState:
    """A succeeded refund of a whole payment."""
    defaults: dict[str, Any] = {
        "id": new_id(), "version": 2, "payment_id": payment.id, "booking_id": payment.booking_id,
        "booking_number": payment.booking_number, "amount_cents": payment.captured_cents, "status": "succeeded",
        "reason": "asked for", "requested_by": "booking", "created_at": NOW,
    }  # fmt: skip
    return RefundState(**{**defaults, **values})
