"""What the people of the story want moved."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

NEW_YORK = {"address_line_1": "350 W 57th St", "city": "New York", "state": "NY", "zip_code": "10019"}
SOUTHAMPTON = {"address_line_1": "12 Job's Lane", "city": "Southampton", "state": "NY", "zip_code": "11968"}
MONTAUK = {"address_line_1": "2 Shore Rd", "city": "Montauk", "state": "NY", "zip_code": "11954"}
GREENWICH = {"address_line_1": "9 Mason St", "city": "Greenwich", "state": "CT", "zip_code": "06830"}


@dataclass(frozen=True, slots=True)
class Move:
    """Something to be moved: `title` as people say it, `details` as the API takes them."""

    title: str
    details: dict[str, Any]
    pickup: dict[str, str]
    delivery: dict[str, str]

    def preview(self) -> dict[str, Any]:
        """The question what it costs."""
        places = {
            f"{side}_{field}": address[name]
            for side, address in (("pickup", self.pickup), ("delivery", self.delivery))
            for field, name in (("zip", "zip_code"), ("state", "state"))
        }
        return {**self.details, **places}

    def order(self, quote_token: str) -> dict[str, Any]:
        """The order for the price that was quoted."""
        return {
            "service_details": self.details,
            "addresses": {"pickup": self.pickup, "delivery": self.delivery},
            "quote_token": quote_token,
        }


def mini_move() -> Move:
    """A mini move with packing."""
    details = {"service_type": "mini_move", "package_type": "standard", "include_packing": True, "coi_required": True}
    return Move("a standard mini move with packing", details | _when("morning"), NEW_YORK, MONTAUK)


def standard_delivery() -> Move:
    """A delivery of some boxes."""
    details = {"service_type": "standard_delivery", "item_count": 4}
    return Move("a delivery of four boxes", details | _when("no_time_preference"), NEW_YORK, SOUTHAMPTON)


def specialty_item() -> Move:
    """A thing that needs special care."""
    details = {"service_type": "specialty_item", "specialty_items": [{"item_type": "surfboard", "quantity": 2}]}
    return Move("two surfboards", details | _when("morning"), GREENWICH, MONTAUK)


def _when(window: str) -> dict[str, str]:
    """Some day of the next months, another one at each telling, so that no day fills up."""
    return {"pickup_date": _some_day().isoformat(), "pickup_time": window}


def _some_day() -> date:
    return datetime.now(UTC).date() + timedelta(days=random.randint(10, 350))
