"""The newest catalogue, kept in memory and rendered, so that public reads touch nothing else."""

import asyncio
import logging
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.commands import Commands
from shared.contracts.catalog import CatalogSnapshot
from shared.db.engine import Database
from shared.errors import Unavailable

from catalog.adapters.repository import NEWEST_SNAPSHOT, NEWEST_VERSION
from catalog.api.documents import Documents
from catalog.commands.load_catalog import LoadCatalog
from catalog.first_data import first_data

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
STALE_AFTER = timedelta(seconds=30)


class StaleCatalog(Exception):
    """Nobody knows whether the prices of this process are still the newest."""


class CurrentCatalog:
    """Asks the database for the newest version every half second and renders what is new.

    An empty catalogue is filled with the first data at the start, by whichever process comes first. While the database
    does not answer, the last known catalogue goes on being served, by a process that is not ready after a while.
    """

    def __init__(self, database: Database, commands: Commands, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._clock = clock
        self._known_at: datetime | None = None
        self._documents: Documents | None = None
        self._polling: asyncio.Task[None] | None = None
        self._failures = 0

    @property
    def documents(self) -> Documents:
        """The rendered catalogue; raises `Unavailable` until there is one."""
        if self._documents is None:
            raise Unavailable("The catalogue is not loaded yet.", retry_after=1)
        return self._documents

    async def check_fresh(self) -> None:
        """Raises `StaleCatalog` when the last good look was more than `STALE_AFTER` ago, or there was none."""
        if self._known_at is None or self._clock() - self._known_at > STALE_AFTER:
            raise StaleCatalog()

    async def start(self) -> None:
        """Reads the catalogue, if the database answers, and goes on asking for a newer one."""
        await self._turn()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Stops asking."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait([self._polling])

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(min(POLL_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS))
            await self._turn()

    async def _turn(self) -> None:
        try:
            await self._refresh()
            self._failures, self._known_at = 0, self._clock()
        except Exception as error:  # a look that failed must not be the last one
            self._failures = min(self._failures + 1, 10)
            log.warning("the catalogue can't be read", extra={"error": f"{type(error).__name__}: {error}"[:300]})

    async def _refresh(self) -> None:
        row = await self._database.fetch_one(NEWEST_VERSION)
        if row is None or row.version == 0:
            await self._commands.execute(LoadCatalog(first_data()))
        elif self._documents is not None and self._documents.catalog.version == row.version:
            return
        newest = await self._database.fetch_one(NEWEST_SNAPSHOT)
        assert newest is not None, "a version above 0 has its snapshot"
        self._documents = Documents(CatalogSnapshot.model_validate(newest.snapshot))
        log.info("catalogue live", extra={"catalog_version": self._documents.catalog.version})
