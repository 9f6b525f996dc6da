"""The shapes of requests and answers about the day's work."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from shared.contracts.base import BookingStatus, PackageType, PickupTime, ServiceType
from shared.contracts.booking_state import Address
from shared.http.fields import Body, Day, WholeNumber, example

from booking.api.fields import Version

Sequence = Annotated[WholeNumber, Field(ge=0, le=999)]


class AssignmentBody(
    Body, json_schema_extra=example({"crew_id": "01a20000-0000-7000-8000-000000000001", "van_id": None, "sequence": 2})
):
    """Who moves a booking: what is given changes, null takes off. `version` is the one that the caller saw."""

    crew_id: UUID | None = None
    van_id: UUID | None = None
    sequence: Sequence = 0
    version: Version | None = None

    def changes(self) -> dict[str, Any]:
        """What is to change."""
        return self.model_dump(include={"crew_id", "van_id", "sequence"}, exclude_unset=True)


class CrewLinkBody(
    Body, json_schema_extra=example({"crew_id": "01a20000-0000-7000-8000-000000000001", "date": "2027-05-03"})
):
    """Whose stops of which day."""

    crew_id: UUID
    date: Day


class Named(BaseModel):
    """A crew or a van on a booking."""

    id: UUID
    name: str


class ItemOnBoard(BaseModel):
    """What is moved."""

    name: str
    quantity: int


class MoveAnswer(BaseModel):
    """What whoever moves a booking must know; the instants are those at which the crew told of it."""

    booking_id: UUID
    booking_number: str
    version: int
    status: BookingStatus
    service_type: ServiceType
    package_type: PackageType | None
    item_count: int | None
    item_description: str
    specialty_items: list[ItemOnBoard]
    include_packing: bool
    include_unpacking: bool
    coi_required: bool
    special_instructions: str
    pickup_time: PickupTime
    specific_pickup_hour: int | None
    window_start: datetime
    window_end: datetime
    customer_name: str
    customer_phone: str
    crew: Named | None
    van: Named | None
    sequence: int
    needs_van: bool
    on_the_way_at: datetime | None
    picked_up_at: datetime | None
    delivered_at: datetime | None


class StopAnswer(MoveAnswer):
    """Where a crew goes: one of the two ends of a move."""

    type: Literal["pickup", "delivery"]
    address: Address
    done_at: datetime | None


class WindowAnswer(BaseModel):
    """A pickup window with its stops in their order."""

    window_start: datetime
    window_end: datetime
    stops: list[StopAnswer]


class ScheduleAnswer(BaseModel):
    """A day by windows."""

    date: date
    bookings: int
    windows: list[WindowAnswer]


class LoadAnswer(Named):
    """How much a crew or van has to do."""

    bookings: int
    completed: int


class DaySummaryAnswer(BaseModel):
    """How full a day is; `needing_van` counts the bookings that can't begin before they get a van."""

    date: date
    bookings: int
    by_status: dict[str, int]
    unassigned: int
    without_van: int
    needing_van: int
    crews: list[LoadAnswer]
    vans: list[LoadAnswer]


class SheetMove(MoveAnswer):
    """A move on a run sheet."""

    pickup_address: Address
    delivery_address: Address


class SheetAnswer(BaseModel):
    """The moves of one crew; null for those that have none."""

    crew: Named | None
    moves: list[SheetMove]


class RunSheetAnswer(BaseModel):
    """A day by crews."""

    date: date
    bookings: int
    sheets: list[SheetAnswer]


class AssignmentShown(BaseModel):
    """Who is on a booking."""

    crew: Named | None
    van: Named | None
    sequence: int


class AssignedAnswer(BaseModel):
    """A booking's assignment after a change."""

    booking_id: UUID
    booking_number: str
    version: int
    assignment: AssignmentShown


class CrewLinkAnswer(BaseModel):
    """A link for a crew, without a login; whoever has it can tell that things were picked up or delivered."""

    url: str
    token: str
    crew: Named
    date: date
    expires_at: datetime


class CrewOnRoad(BaseModel):
    """Who goes."""

    name: str
    members: list[str]


class CrewDayAnswer(BaseModel):
    """A crew's stops of a day, in their order; the crew can tell how far it is when `is_today`."""

    crew: CrewOnRoad
    date: date
    is_today: bool
    stops: list[SheetMove]


class ReportAnswer(BaseModel):
    """A booking after the crew's report."""

    booking_id: UUID
    booking_number: str
    status: BookingStatus
    step: Literal["on_the_way", "picked_up", "delivered"]
