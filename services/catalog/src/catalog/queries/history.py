"""The catalogue's history: who changed what and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import func, select

from catalog.adapters.tables import catalog_changes, catalog_versions
from catalog.queries.entities import fetch_page


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which changes are wanted; null means any. `until` is exclusive."""

    entity_type: str | None = None
    entity_id: UUID | None = None
    catalog_version: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_changes(database: Database, page: Page, wanted: HistoryFilter) -> tuple[list[dict[str, Any]], int]:
    """A page of changes, the newest first, and how many there are."""
    changes = catalog_changes.c
    conditions = [
        column == value
        for column, value in (
            (changes.entity_type, wanted.entity_type),
            (changes.entity_id, wanted.entity_id),
            (changes.catalog_version, wanted.catalog_version),
        )
        if value is not None
    ]
    if wanted.since is not None:
        conditions.append(changes.changed_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(changes.changed_at < wanted.until)
    newest = select(catalog_changes).where(*conditions).order_by(changes.changed_at.desc(), changes.id.desc())
    return await fetch_page(
        database, newest, select(func.count()).select_from(catalog_changes).where(*conditions), page
    )


async def get_snapshot(database: Database, version: int) -> dict[str, Any] | None:
    """The whole catalogue as it was at a version."""
    row = await database.fetch_one(select(catalog_versions.c.snapshot).where(catalog_versions.c.version == version))
    return dict(row.snapshot) if row else None
