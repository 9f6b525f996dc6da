"""What the machinery keeps for a while goes when its time is over, however much there is."""

from shared.clock import utc_now
from shared.messaging.housekeeping import BITE, housekeeping
from sqlalchemy import text

from .conftest import Probe

OLD_OUTBOX = """
INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, ordinal, type, time, data,
                    trace_context, published_at)
SELECT gen_random_uuid(), 'alert', gen_random_uuid(), 1, 0, 'alert.raised.v1', now(), '{}', '{}', published
FROM generate_series(1, :many), (VALUES (now() - interval '8 days')) AS row (published)
"""
OLD_INBOX = """
INSERT INTO inbox (consumer, event_id, received_at)
SELECT 'booking', gen_random_uuid(), now() - make_interval(days => 31) FROM generate_series(1, :many)
"""
OLD_KEYS = """
INSERT INTO idempotency_keys (scope, key, request_hash, created_at, leased_until)
SELECT 'anonymous', 'key ' || number, '', now() - interval '25 hours', now() FROM generate_series(1, :many) AS number
"""
YOUNG = (
    "UPDATE outbox SET published_at = now() - interval '6 days' WHERE id = (SELECT min(id) FROM outbox)",
    "UPDATE inbox SET received_at = now() WHERE event_id = (SELECT event_id FROM inbox LIMIT 1)",
    "UPDATE idempotency_keys SET created_at = now() WHERE key = 'key 1'",
)
LEFT = "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM inbox), (SELECT count(*) FROM idempotency_keys)"


async def test_all_that_is_old_goes_in_one_run_and_what_is_young_stays(probe: Probe) -> None:
    async with probe.database.transaction() as connection:
        for insertion in (OLD_OUTBOX, OLD_INBOX, OLD_KEYS):
            await connection.execute(text(insertion), {"many": 2 * BITE + 1})
        for statement in YOUNG:
            await connection.execute(text(statement))
    await housekeeping(probe.database, utc_now)()
    row = await probe.database.fetch_one(text(LEFT))
    assert row is not None
    assert tuple(row) == (1, 1, 1)
