"""What the machinery keeps for a while goes when its time is over, however much there is."""

import pytest
import shared.messaging.housekeeping
from shared.clock import utc_now
from shared.messaging.housekeeping import BITE, housekeeping
from sqlalchemy import text

from .conftest import Probe

OLD_OUTBOX = """
INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, ordinal, type, time, data,
                    trace_context, published_at)
SELECT gen_random_uuid(), 'alert', gen_random_uuid(), 1, 0, 'alert.raised.v1', now(), '{}', '{}', published
FROM generate_series(1, :many), (VALUES (now() - interval '7 days 1 hour')) AS row (published)
"""
OLD_INBOX = """
INSERT INTO inbox (consumer, event_id, received_at)
SELECT 'booking', gen_random_uuid(), now() - interval '30 days 1 hour' FROM generate_series(1, :many)
"""
OLD_KEYS = """
INSERT INTO idempotency_keys (scope, key, request_hash, created_at, leased_until)
SELECT 'anonymous', 'key ' || number, '', now() - interval '24 hours 1 minute', now()
FROM generate_series(1, :many) AS number
"""
YOUNG = (
    "UPDATE outbox SET published_at = now() - interval '6 days 23 hours' WHERE id = (SELECT min(id) FROM outbox)",
    "UPDATE inbox SET received_at = now() - interval '29 days 23 hours'"
    " WHERE event_id = (SELECT event_id FROM inbox LIMIT 1)",
    "UPDATE idempotency_keys SET created_at = now() - interval '23 hours' WHERE key = 'key 1'",
)
NEVER_PUBLISHED = "UPDATE outbox SET published_at = NULL, time = now() - interval '99 days' WHERE published_at < now()"
LEFT = "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM inbox), (SELECT count(*) FROM idempotency_keys)"


async def fill(probe: Probe, *changes: str) -> None:
    """Old rows of each kind, a few more than two bites, some of them changed."""
    async with probe.database.transaction() as connection:
        for insertion in (OLD_OUTBOX, OLD_INBOX, OLD_KEYS):
            await connection.execute(text(insertion), {"many": 2 * BITE + 1})
        for statement in changes:
            await connection.execute(text(statement))


async def left(probe: Probe) -> tuple[int, ...]:
    row = await probe.database.fetch_one(text(LEFT))
    assert row is not None
    return tuple(row)


async def test_all_that_is_old_goes_in_one_run_and_what_is_young_stays(probe: Probe) -> None:
    await fill(probe, *YOUNG)
    await housekeeping(probe.database, utc_now)()
    assert await left(probe) == (1, 1, 1)


async def test_a_transaction_takes_no_more_than_a_bite(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.messaging.housekeeping, "MOST_BITES", 1)
    await fill(probe)
    await housekeeping(probe.database, utc_now)()
    assert await left(probe) == (BITE + 1, BITE + 1, BITE + 1)


async def test_an_event_that_was_never_published_stays_however_old_it_is(probe: Probe) -> None:
    await fill(probe, NEVER_PUBLISHED)
    await housekeeping(probe.database, utc_now)()
    assert await left(probe) == (2 * BITE + 1, 0, 0)
