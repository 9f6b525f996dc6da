"""Templates that staff put in place of ours, as they are at the moment."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import text

from notifications.domain.kinds import Kind

FRESH_SECONDS = 5.0
"""A change is live everywhere after this time."""

_CURRENT = text(
    "SELECT DISTINCT ON (kind) kind, version, parts, changed_by, changed_at FROM templates ORDER BY kind, version DESC"
)


class Rewrites:
    """Staff's templates, read again every few seconds."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = now
        self._read_at = float("-inf")
        self._current: dict[str, dict[str, Any]] = {}

    async def refresh(self) -> None:
        """Reads them, unless that was done just now."""
        if self._now() - self._read_at >= FRESH_SECONDS:
            await self.reload()

    async def reload(self) -> None:
        """Reads them."""
        rows = await self._database.fetch_all(_CURRENT)
        self._current = {row.kind: dict(row._mapping) for row in rows}
        self._read_at = self._now()

    def source(self, kind: Kind, part: str) -> str | None:
        """Staff's template of a part, or null where ours is in use."""
        found = self._current.get(kind.value, {}).get("parts", {}).get(part)
        return None if found is None else str(found)

    def version(self, kind: Kind) -> tuple[int, UUID | None, Any]:
        """(version, who made it, when); version 0 is ours."""
        row = self._current.get(kind.value)
        return (row["version"], row["changed_by"], row["changed_at"]) if row else (0, None, None)

    def parts(self, kind: Kind) -> dict[str, str]:
        """All of staff's parts of this kind."""
        return dict(self._current.get(kind.value, {}).get("parts", {}))
