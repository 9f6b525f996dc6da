"""The catalogue: what it is made of."""

from pathlib import Path

from shared.service import Parts, Platform, Service

from catalog.api import internal, public, staff
from catalog.commands.change_package import ChangePackage, change_package
from catalog.commands.load_catalog import LoadCatalog, load_catalog
from catalog.current import CurrentCatalog
from catalog.settings import Settings
from catalog.tools import add_tools


def compose(platform: Platform[Settings]) -> Parts:
    """Puts the catalogue together."""
    commands = platform.commands({LoadCatalog: load_catalog, ChangePackage: change_package})
    current = CurrentCatalog(platform.database, commands)
    return Parts(
        commands=commands,
        routers=[
            public.documents(current),
            public.lookups(current),
            staff.routes(commands),
            internal.routes(platform.database),
        ],
        resources=[current],
    )


SERVICE = Service(
    name="catalog",
    title="ToteTaxi catalogue",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
    tools=add_tools,
)
