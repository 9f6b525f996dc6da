"""What all published events share."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

ServiceType = Literal["mini_move", "standard_delivery", "specialty_item"]
PackageType = Literal["petite", "standard", "full"]
PickupTime = Literal["morning", "morning_specific", "no_time_preference"]
BookingStatus = Literal["pending", "confirmed", "paid", "in_progress", "completed", "cancelled", "expired"]
State = Literal["NY", "CT", "NJ"]

PERSONAL = "x-personal"
Personal = Annotated[str, Field(json_schema_extra={PERSONAL: True})]
"""A text about a person, or one that a person wrote: blank once the person is erased, so readers take blanks."""


class Contract(BaseModel):
    """A frozen piece of a published event. Unknown fields are ignored: contracts only ever grow.

    What is wrong with one is told without what it says: that goes into logs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(Contract):
    """A published fact. `type` is `noun.verbed.vN`; `aggregate` says whose versions order it."""

    type: ClassVar[str]
    aggregate: ClassVar[str]

    @property
    @abstractmethod
    def aggregate_id(self) -> UUID:
        """The id of the aggregate that this fact is about."""
