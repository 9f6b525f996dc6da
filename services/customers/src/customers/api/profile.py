"""A customer's profile and preferences."""

from enum import Enum
from typing import Any

from fastapi import APIRouter, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.identity import Caller

from customers.api import answers, presenting, schemas
from customers.commands.update_profile import UpdateProfile
from customers.domain.errors import CustomerNotFound
from customers.queries.accounts import customer_row

TAGS: list[str | Enum] = ["Customer profile"]
_PERSON = {"first_name", "last_name", "phone"}


def routes(database: Database, commands: Commands) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/customers", tags=TAGS)

    @router.get("/profile/", response_model=answers.Profile, operation_id="get_profile", summary="My profile")
    async def show(caller: Caller = access.customer()) -> dict[str, Any]:
        """The customer with statistics."""
        return _profile(await _own(database, caller))

    @router.put("/profile/", response_model=answers.Profile, operation_id="update_profile", summary="Change my profile")
    async def change(body: schemas.ProfileChange, caller: Caller = access.customer()) -> Response:
        """Change what is given, in all sessions. 409 `stale_version` if `version` is given and no longer right."""
        given = body.model_dump(exclude_none=True, exclude={"version"})
        preferences = {**given.pop("notification_preferences", {})}
        person = {name: value for name, value in given.items() if name in _PERSON}
        preferences |= {name: value for name, value in given.items() if name not in _PERSON}
        command = UpdateProfile(caller.require_customer(), person, preferences, body.version)
        row = await commands.execute(command)
        return presenting.with_session(_profile(row), presenting.session_of_customer(row, row.access_version))

    @router.get(
        "/preferences/", response_model=answers.Preferences, operation_id="get_preferences", summary="My preferences"
    )
    async def show_preferences(caller: Caller = access.customer()) -> dict[str, Any]:
        """How the customer likes things."""
        return presenting.preferences(await _own(database, caller))

    @router.put(
        "/preferences/",
        response_model=answers.Preferences,
        operation_id="update_preferences",
        summary="Change my preferences",
    )
    async def change_preferences(body: schemas.PreferencesChange, caller: Caller = access.customer()) -> dict[str, Any]:
        """Change what is given."""
        command = UpdateProfile(caller.require_customer(), {}, body.model_dump(exclude_none=True))
        return presenting.preferences(await commands.execute(command))

    return router


async def _own(database: Database, caller: Caller) -> Any:
    row = await customer_row(database, caller.require_customer())
    if row is None:
        raise CustomerNotFound()
    return row


def _profile(row: Any) -> dict[str, Any]:
    return {**presenting.customer(row), "booking_stats": presenting.booking_stats(row)}
