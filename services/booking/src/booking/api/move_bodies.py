"""The fields of a move, as previews and orders send them."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from shared.contracts.base import PackageType, PickupTime, ServiceType
from shared.http.fields import Body, Day, Flag
from shared.places import state_of_zip

from booking.api.fields import Code, Hour, ItemCount, Quantity, StateText, ZipText
from booking.domain.addresses import place_problems
from booking.domain.move import Move, Place, Problem, WantedItem


class WantedItemBody(Body):
    """A specialty item by its `id` or its `item_type`."""

    id: UUID | None = None
    item_type: Code | None = None
    quantity: Quantity = 1


class MoveBody(Body):
    """What is moved and when. Each service type has fields of its own; the others must be left out."""

    service_type: ServiceType
    package_id: UUID | None = None
    package_type: PackageType | None = None
    include_packing: Flag = False
    include_unpacking: Flag = False
    item_count: ItemCount | None = None
    is_same_day: Flag = False
    specialty_items: Annotated[list[WantedItemBody], Field(max_length=20)] = Field(default_factory=list)
    pickup_date: Day | None = None
    pickup_time: PickupTime = "no_time_preference"
    specific_pickup_hour: Hour | None = None
    coi_required: Flag = False
    discount_code: Code | None = None

    def move(self, pickup: Place | None, delivery: Place | None) -> Move:
        """The move between these places."""
        return Move(
            service_type=self.service_type,
            package_id=self.package_id,
            package_type=self.package_type,
            item_count=self.item_count,
            specialty_items=tuple(WantedItem(item.quantity, item.id, item.item_type) for item in self.specialty_items),
            include_packing=self.include_packing,
            include_unpacking=self.include_unpacking,
            is_same_day=self.is_same_day,
            coi_required=self.coi_required,
            pickup_date=self.pickup_date,
            pickup_time=self.pickup_time,
            specific_pickup_hour=self.specific_pickup_hour,
            pickup=pickup,
            delivery=delivery,
            discount_code=self.discount_code or None,
        )


class ServiceDetailsBody(MoveBody):
    """The move of an order: it has a day."""

    pickup_date: Day


class PreviewBody(MoveBody):
    """A move whose price is asked for; only the service type and what it needs must be there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service_type": "mini_move",
                    "package_type": "standard",
                    "include_packing": True,
                    "pickup_time": "morning",
                    "pickup_zip": "10001",
                    "pickup_state": "NY",
                    "delivery_zip": "11954",
                    "delivery_state": "NY",
                }
            ]
        }
    )

    pickup_zip: ZipText | None = None
    pickup_state: StateText | None = None
    delivery_zip: ZipText | None = None
    delivery_state: StateText | None = None

    def wanted(self) -> tuple[Move, list[Problem]]:
        """The move, and what is wrong with its places."""
        pickup = _place(self.pickup_zip, self.pickup_state)
        delivery = _place(self.delivery_zip, self.delivery_state)
        problems = [*_problems(pickup, "pickup"), *_problems(delivery, "delivery")]
        return self.move(pickup, delivery), problems


def _place(zip_code: str | None, state: str | None) -> Place | None:
    """A ZIP code tells its state; a state without a ZIP code is a place whose ZIP code is wrong."""
    if zip_code is None and state is None:
        return None
    return Place(state if state is not None else state_of_zip(zip_code or "") or "", zip_code or "")


def _problems(place: Place | None, side: str) -> list[Problem]:
    if place is None:
        return []
    found = list(place_problems(place, f"{side}_state", f"{side}_zip"))
    return found if place.state else [(f"{side}_zip", "Enter a ZIP code in NY, CT or NJ.")]
