"""Who worded a message anew, and when."""

from typing import Any

from shared.db.engine import Database
from sqlalchemy import bindparam, select

from notifications.adapters.tables import templates
from notifications.domain.kinds import Kind

LONGEST = 50

_HISTORY = (
    select(templates.c.version, templates.c.parts, templates.c.changed_by, templates.c.changed_at)
    .where(templates.c.kind == bindparam("kind"))
    .order_by(templates.c.version.desc())
    .limit(LONGEST)
)


async def template_history(database: Database, kind: Kind) -> list[dict[str, Any]]:
    """The last 50 versions, newest first."""
    return [dict(row._mapping) for row in await database.fetch_all(_HISTORY, {"kind": kind.value})]
