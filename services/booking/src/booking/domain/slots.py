"""The day and window of a move, and the things of a booking in another one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import business_date
from shared.contracts.base import PickupTime

from booking.domain.booking import Booking
from booking.domain.move import Move, Place, WantedItem


@dataclass(frozen=True, slots=True)
class Slot:
    """The day and window that are wanted."""

    pickup_date: date
    pickup_time: PickupTime
    specific_pickup_hour: int | None = None


@dataclass(frozen=True, slots=True)
class WantedSlot:
    """What somebody asks for; a day or window that is null stays as it was booked."""

    pickup_date: date | None = None
    pickup_time: PickupTime | None = None
    specific_pickup_hour: int | None = None

    def after(self, booking: Booking) -> Slot:
        """The slot that is wanted in place of the booking's own."""
        day = self.pickup_date or booking.pickup_date
        if self.pickup_time is not None:
            return Slot(day, self.pickup_time, self.specific_pickup_hour)
        hour = booking.specific_pickup_hour if self.specific_pickup_hour is None else self.specific_pickup_hour
        return Slot(day, booking.pickup_time, hour)


def move_of(booking: Booking) -> Move:
    """What was booked, as it was asked for."""
    return Move(
        service_type=booking.service_type,
        package_type=booking.package_type,
        item_count=booking.item_count,
        specialty_items=tuple(
            WantedItem(one["quantity"], item_type=one["item_type"]) for one in booking.specialty_items
        ),
        include_packing=booking.include_packing,
        include_unpacking=booking.include_unpacking,
        is_same_day=booking.is_same_day,
        coi_required=booking.coi_required,
        pickup_date=booking.pickup_date,
        pickup_time=booking.pickup_time,
        specific_pickup_hour=booking.specific_pickup_hour,
        pickup=_place(booking.pickup_address),
        delivery=_place(booking.delivery_address),
        discount_code=booking.discount_code,
    )


def moved_to(move: Move, slot: Slot, now: datetime, zone: ZoneInfo) -> Move:
    """The same things in another slot. A same-day delivery that moves to another day becomes an ordinary one."""
    return replace(
        move,
        pickup_date=slot.pickup_date,
        pickup_time=slot.pickup_time,
        specific_pickup_hour=slot.specific_pickup_hour,
        is_same_day=move.is_same_day and slot.pickup_date == business_date(now, zone),
    )


def _place(address: Mapping[str, Any]) -> Place:
    return Place(address["state"], address["zip_code"])
