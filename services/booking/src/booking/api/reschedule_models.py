"""What is sent and answered when a booking moves to another day."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from shared.contracts.base import PickupTime
from shared.http.fields import Body, Day, Flag

from booking.api.fields import Hour, Instructions, Reason, Token
from booking.api.models import BookingAnswer, Dollars, IntentAnswer, PricingAnswer
from booking.domain.slots import WantedSlot

_SLOT: dict[str, Any] = {"pickup_date": "2026-12-02", "pickup_time": "morning"}


class SlotBody(Body):
    """The day and window that are wanted; what is left out stays. The hour goes with a 1-hour window alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SLOT]})

    pickup_date: Day | None = None
    pickup_time: PickupTime | None = None
    specific_pickup_hour: Hour | None = None

    @property
    def slot(self) -> WantedSlot:
        """The wanted slot."""
        return WantedSlot(self.pickup_date, self.pickup_time, self.specific_pickup_hour)


class HolderSlotBody(SlotBody):
    """The same from the holder of the manage token, which may be here or in the address."""

    manage_token: Token | None = None


class StaffSlotBody(SlotBody):
    """The same from staff, who may waive the fee of a late change, and overbook a full day if they say why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_SLOT, "reason": "Asked by telephone.", "waive_fee": True}]}
    )

    reason: Reason = ""
    overbook_reason: Reason = ""
    waive_fee: Flag = False


class RebookBody(Body):
    """When the same move is wanted again; the window is the former one unless another is chosen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pickup_date": "2027-05-21"}]})

    pickup_date: Day
    pickup_time: PickupTime | None = None
    specific_pickup_hour: Hour | None = None
    special_instructions: Instructions | None = None


class ChangeAnswer(BaseModel):
    """What the change costs: the new total, the difference to the old one with the fee in it, and what follows."""

    new_total_cents: int
    new_total_dollars: Dollars
    difference_cents: int
    fee_cents: int
    refund_cents: int
    due_cents: int


class RescheduleAnswer(BaseModel):
    """A booking in its new slot; with `preview` only what it would cost."""

    preview: bool = False
    updated_booking: BookingAnswer | None = None
    change: ChangeAnswer
    pricing: PricingAnswer
    payment_intent: IntentAnswer | None = None
    payment_error: str | None = None


class RebookAnswer(BaseModel):
    """The new booking and a way to pay it."""

    new_booking: BookingAnswer
    payment_intent: IntentAnswer | None
    payment_error: str | None = None


class ReplayLine(BaseModel):
    """A line of a price, as it is stored and as it is computed anew, in cents."""

    line: str
    stored_cents: int
    replayed_cents: int
    sentence: str


class ReplayAnswer(BaseModel):
    """A stored price held against the same computation made anew."""

    booking_id: UUID
    catalog_version: int
    occasion: str
    stored_total_cents: int
    replayed_total_cents: int
    agrees: bool
    lines: list[ReplayLine]
