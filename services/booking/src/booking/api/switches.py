"""`/api/staff/ops/switches/`: pausing online booking."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from shared.audit import member_of
from shared.commands import Commands
from shared.contracts.base import ServiceType
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Body, Day, Flag, Text
from shared.http.identity import Caller
from sqlalchemy import Row

from booking.commands.set_pause import SetPause
from booking.queries.pauses import PausesInForce

PauseText = Annotated[Text, StringConstraints(max_length=500)]


class SwitchBody(Body):
    """What is to be paused, or to go on: `all`, a service type, or a pickup date."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scope": "mini_move", "paused": True, "message": "We are back on Monday."}]}
    )

    scope: Literal["all"] | ServiceType | Day
    paused: Flag
    message: PauseText = ""


class PauseAnswer(BaseModel):
    """A pause in force; `message` is what customers read."""

    scope: str
    message: str
    paused_by: UUID
    paused_at: datetime


class SwitchesAnswer(BaseModel):
    """Every pause in force; online booking is open for all else."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pauses": [
                        {
                            "scope": "mini_move",
                            "message": "We are back on Monday.",
                            "paused_by": "019ab3c4-7a00-7000-8000-000000000001",
                            "paused_at": "2026-11-23T15:00:00Z",
                        }
                    ]
                }
            ]
        }
    )

    pauses: list[PauseAnswer]


def switch_routes(commands: Commands, pauses: PausesInForce) -> APIRouter:
    """Online booking on and off."""
    router = APIRouter(prefix="/api/staff/ops/switches", tags=["Staff: operations"])

    @router.get("/", response_model=SwitchesAnswer, summary="What is paused")
    async def switches(caller: Caller = access.staff("manage_operations")) -> Response:
        """The pauses of online booking that are in force."""
        return answer(_document(await pauses.all()))

    @router.put("/", response_model=SwitchesAnswer, summary="Pause online booking, or let it go on")
    async def switch(body: SwitchBody, caller: Caller = access.staff("manage_operations")) -> Response:
        """Customers and guests then read the message, as 503 `booking_paused`; staff can still book."""
        message = body.message if body.paused else None
        await commands.execute(SetPause(str(body.scope), message, member_of(caller)))
        return answer(_document(await pauses.all()))

    return router


def _document(rows: list[Row[Any]]) -> dict[str, Any]:
    return {"pauses": [{name: getattr(row, name) for name in PauseAnswer.model_fields} for row in rows]}
