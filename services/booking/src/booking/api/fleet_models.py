"""The shapes of requests and answers about crews and vans."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from shared.http.fields import Body, Change, Flag, Name, PhoneIfAny, WholeNumber

ResourceName = Annotated[Name, StringConstraints(min_length=1, max_length=50)]
Plate = Annotated[Name, StringConstraints(min_length=1, max_length=20)]


class CrewBody(Body):
    """A crew."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "North", "members": ["Bo Lind", "Cy Ortiz"], "phone": "+12125550199", "is_active": True}
            ]
        }
    )

    name: ResourceName
    members: Annotated[list[Name], Field(max_length=20)] = []
    phone: PhoneIfAny = ""
    is_active: Flag = True


class VanBody(Body):
    """A van; `capacity` in cubic feet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Van 1", "plate": "NY 1234", "capacity": 480, "is_active": True}]}
    )

    name: ResourceName
    plate: Plate
    capacity: Annotated[WholeNumber, Field(ge=1, le=10_000)] | None = None
    is_active: Flag = True


class CrewChange(Change, CrewBody):
    """A crew: what is given changes, the rest stays."""

    name: ResourceName = Field(default_factory=str)


class VanChange(Change, VanBody):
    """A van: what is given changes, the rest stays."""

    name: ResourceName = Field(default_factory=str)
    plate: Plate = Field(default_factory=str)


class ResourceAnswer(BaseModel):
    """What crews and vans have in common."""

    id: UUID
    name: str
    is_active: bool
    created_at: datetime
    updated_at: datetime


class Crew(ResourceAnswer):
    """A crew."""

    members: list[str]
    phone: str


class Van(ResourceAnswer):
    """A van; `capacity` in cubic feet."""

    plate: str
    capacity: int | None


class CrewAnswer(BaseModel):
    """A crew after a change."""

    crew: Crew


class VanAnswer(BaseModel):
    """A van after a change."""

    van: Van


class _Page(BaseModel):
    count: int
    next: str | None
    previous: str | None


class CrewsAnswer(_Page):
    """A page of crews."""

    results: list[Crew]


class VansAnswer(_Page):
    """A page of vans."""

    results: list[Van]
