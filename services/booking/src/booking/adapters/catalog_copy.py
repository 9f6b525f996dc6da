"""The catalogue as this service knows it: every version in the database, those in use in memory."""

import asyncio
import logging
from collections import OrderedDict

from shared.contracts.catalog import CatalogSnapshot
from shared.db.engine import Database
from shared.errors import Unavailable
from shared.http.client import ServiceClient
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.tables import catalog_versions

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
FETCH_SECONDS = 2.0
VERSIONS_IN_MEMORY = 8
SNAPSHOT_PATH = "/internal/catalog/snapshot/"

STORE_VERSION = (
    insert(catalog_versions)
    .values(version=bindparam("version"), snapshot=bindparam("snapshot"))
    .on_conflict_do_nothing()
)
_NEWEST = select(func.max(catalog_versions.c.version))
_SNAPSHOT = select(catalog_versions.c.snapshot).where(catalog_versions.c.version == bindparam("wanted"))


class CatalogUnknown(Unavailable):
    """No version of the catalogue has reached this service yet."""

    code = "catalog_unavailable"
    message = "Prices are not available at the moment. Please try again."


class CatalogCopy:
    """Answers from memory; a task looks twice a second for a newer version, so a new price is live within a second.

    A service with an empty copy asks the catalogue service once it answers; everything later comes by events.
    """

    def __init__(self, database: Database, client: ServiceClient) -> None:
        self._database = database
        self._client = client
        self._newest: CatalogSnapshot | None = None
        self._versions: OrderedDict[int, CatalogSnapshot] = OrderedDict()
        self._polling: asyncio.Task[None] | None = None
        self._trouble = ""

    async def start(self) -> None:
        """Loads the newest version if there is one, and keeps looking from then on."""
        await self.refresh()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Looks no more."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait([self._polling])

    def newest(self) -> CatalogSnapshot:
        """The catalogue that new prices are made with; raises `CatalogUnknown`."""
        if self._newest is None:
            raise CatalogUnknown()
        return self._newest

    async def version(self, number: int) -> CatalogSnapshot | None:
        """The catalogue at one version, from memory or the database."""
        if (known := self._versions.get(number)) is not None:
            return known
        row = await self._database.fetch_one(_SNAPSHOT, {"wanted": number})
        return self._remember(CatalogSnapshot.model_validate(row.snapshot)) if row else None

    async def refresh(self) -> None:
        """Takes over the newest version; troubles are logged, since what is known stays good meanwhile."""
        try:
            row = await self._database.fetch_one(_NEWEST)
            newest = row[0] if row else None
            if newest is None:
                await self._fetch_first()
            elif self._newest is None or newest > self._newest.version:
                self._newest = await self.version(newest)
        except Exception as error:  # a look that failed must not be the last one
            self._report(f"{type(error).__name__}: {error}"[:300])
        else:
            self._trouble = ""

    def _report(self, trouble: str) -> None:
        """The same trouble is logged once, and not at every look."""
        if trouble != self._trouble:
            log.warning("catalogue not refreshed", extra={"error": trouble})
        self._trouble = trouble

    def _remember(self, snapshot: CatalogSnapshot) -> CatalogSnapshot:
        self._versions[snapshot.version] = snapshot
        if len(self._versions) > VERSIONS_IN_MEMORY:
            self._versions.popitem(last=False)
        return snapshot

    async def _fetch_first(self) -> None:
        answer = await self._client.get(SNAPSHOT_PATH, FETCH_SECONDS)
        if answer.status != 200:
            raise CatalogUnknown()
        snapshot = CatalogSnapshot.model_validate(answer.body)
        async with self._database.transaction() as connection:
            await connection.execute(STORE_VERSION, {"version": snapshot.version, "snapshot": answer.body})
        self._newest = self._remember(snapshot)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.refresh()
