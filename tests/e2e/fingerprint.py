"""All that a stack knows, small enough to compare: every row of every table, and every e-mail."""

import hashlib
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from .world import SERVICES, World

NOT_BUSINESS = {"heartbeats", "comparisons"}
"""What jobs leave behind that run by the clock."""
IN_MOTION = ["published_at", "check_at"]
"""Columns that change by the clock: when an event went out last, when a payment will be looked at next."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_ROWS = SQL("""
SELECT count(*), md5(string_agg(content, ' ' ORDER BY content))
FROM (SELECT (to_jsonb(one) - %s::text[])::text AS content FROM {} AS one) AS rows
""")

Fingerprint = dict[str, tuple[int, str | None]]


async def fingerprint(world: World, without: frozenset[str] = frozenset()) -> Fingerprint:
    """`service.table` → how many rows and their hash, and `mails` likewise; tables in `without` are left out."""
    found: Fingerprint = {"mails": _mails(Path(world.stack["mailbox"]))}
    for service in SERVICES:
        url = world.stack["databases"][service]
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            tables = await (await connection.execute(_TABLES)).fetchall()
            for (table,) in tables:
                if table not in NOT_BUSINESS | without:
                    row = await (await connection.execute(_ROWS.format(Identifier(table)), [IN_MOTION])).fetchone()
                    assert row is not None
                    found[f"{service}.{table}"] = (row[0], row[1])
    return found


async def settled(world: World, without: frozenset[str] = frozenset()) -> Fingerprint:
    """The fingerprint once nothing is under way any more: quiet, and the same twice."""
    last: Fingerprint = {}

    async def is_settled() -> bool:
        nonlocal last
        await world.until_quiet()
        before, last = last, await fingerprint(world, without)
        return before == last

    await world.until(is_settled, "nothing to change any more", timeout=90)
    return last


def changes(before: Fingerprint, after: Fingerprint) -> dict[str, tuple[int, int]]:
    """Where two fingerprints differ, with the numbers of rows."""
    return {name: (before[name][0], after[name][0]) for name in before if before[name] != after[name]}


def _mails(folder: Path) -> tuple[int, str]:
    mails = sorted(folder.rglob("*.eml"))
    content = b"".join(mail.name.encode() + mail.read_bytes() for mail in mails)
    return len(mails), hashlib.sha256(content).hexdigest()
