"""The catalogue: what it is made of."""

from pathlib import Path
from typing import Any

from shared.commands import Handler
from shared.service import Parts, Platform, Service

from catalog.api import internal, public, staff_codes, staff_entities, staff_history, staff_policies
from catalog.commands.add_entity import AddEntity, add_entity
from catalog.commands.change_discount_code import (
    AddDiscountCode,
    ChangeDiscountCode,
    add_discount_code,
    change_discount_code,
)
from catalog.commands.change_entity import ChangeEntity, change_entity
from catalog.commands.change_policies import ChangePolicies, change_policies
from catalog.commands.keep_redemption import KeepRedemption, keep_redemption
from catalog.commands.load_catalog import LoadCatalog, load_catalog
from catalog.current import CurrentCatalog
from catalog.events import EVENT_HANDLERS
from catalog.settings import Settings
from catalog.tools import add_tools

HANDLERS: dict[type[Any], Handler] = {
    LoadCatalog: load_catalog,
    AddEntity: add_entity,
    ChangeEntity: change_entity,
    ChangePolicies: change_policies,
    AddDiscountCode: add_discount_code,
    ChangeDiscountCode: change_discount_code,
    KeepRedemption: keep_redemption,
}


def compose(platform: Platform[Settings]) -> Parts:
    """Puts the catalogue together."""
    database = platform.database
    commands = platform.commands(HANDLERS)
    current = CurrentCatalog(database, commands, platform.clock)
    return Parts(
        commands=commands,
        routers=[
            public.documents(current),
            public.lookups(current),
            staff_entities.routes(database, commands),
            staff_codes.routes(database, commands),
            staff_policies.routes(database, commands),
            staff_history.routes(database, platform.settings.timezone),
            internal.routes(database),
        ],
        event_handlers=EVENT_HANDLERS,
        resources=[current],
        ready={"catalogue": current.check_fresh},
    )


SERVICE = Service(
    name="catalog",
    title="ToteTaxi catalogue",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
    tools=add_tools,
)
