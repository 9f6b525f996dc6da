"""SQL of the outbox: what waits, what is published, what has failed.

"Unpublished" is a flag on the row and not "an id above the last seen", because ids commit out of order and a cursor
would skip rows that commit late.
"""

from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

INSERT = text("""
INSERT INTO outbox
  (event_id, aggregate_type, aggregate_id, aggregate_version, ordinal, type, time, data, trace_context)
VALUES
  (:event_id, :aggregate_type, :aggregate_id, :aggregate_version, :ordinal, :type, :time, CAST(:data AS jsonb),
   :trace_context)
""").bindparams(bindparam("trace_context", type_=JSONB))

ANY_WAITING = text("SELECT EXISTS (SELECT 1 FROM outbox WHERE published_at IS NULL AND parked_at IS NULL)")

TRY_TO_LEAD = text(
    "SELECT set_config('outbox.leads', pg_try_advisory_xact_lock(hashtextextended('outbox-relay', 0))::text, true)"
)
"""One relay per database publishes at a time; the lock ends with the batch's transaction, or with its process.

A statement of its own, since the next one must not see the outbox as it was before the lock was there.
"""

NEXT_BATCH = text("""
SELECT id, event_id, aggregate_type, aggregate_id, aggregate_version, type, time, data::text AS data, trace_context,
       attempts
FROM outbox AS waiting
WHERE current_setting('outbox.leads')::boolean
  AND published_at IS NULL AND parked_at IS NULL
  AND (next_attempt_at <= now() OR next_attempt_at > now() + interval '10 minutes')
  AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.aggregate_type = waiting.aggregate_type AND earlier.aggregate_id = waiting.aggregate_id
      AND earlier.id < waiting.id AND earlier.published_at IS NULL
      AND (earlier.parked_at IS NOT NULL
           OR earlier.next_attempt_at > now() AND earlier.next_attempt_at <= now() + interval '10 minutes'))
ORDER BY id
LIMIT :count
""")
"""For the one that leads: events in order of their ids, unless an earlier one of their aggregate waits for a retry.

A retry that is further away than any is ever put was put there by a clock that has been set back since: it is due.
"""

MARK_PUBLISHED = text(
    "UPDATE outbox SET published_at = now(), last_error = NULL WHERE id = ANY(CAST(:ids AS bigint[]))"
)

MARK_FAILED = text("""
UPDATE outbox
SET attempts = attempts + 1, last_error = :error,
    next_attempt_at = now() + make_interval(secs => :delay),
    parked_at = CASE WHEN :park THEN now() END
WHERE id = :id
""")

DELETE_PUBLISHED = """
DELETE FROM outbox WHERE id IN (
  SELECT id FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY published_at LIMIT 1000)
"""

STATUS = """
SELECT count(*) FILTER (WHERE published_at IS NULL AND parked_at IS NULL) AS waiting,
       count(*) FILTER (WHERE parked_at IS NOT NULL AND published_at IS NULL) AS parked,
       coalesce(extract(epoch FROM now() - min(time) FILTER (WHERE published_at IS NULL)), 0)::float AS oldest_seconds
FROM outbox WHERE published_at IS NULL
"""

REPLAY = """
UPDATE outbox SET published_at = NULL, parked_at = NULL, attempts = 0, next_attempt_at = now()
WHERE id IN (SELECT id FROM outbox WHERE time >= %(since)s AND (%(type)s = '' OR type = %(type)s) ORDER BY id)
"""

ATTEMPTS_BEFORE_PARKING = 20
LONGEST_DELAY = timedelta(minutes=5)


def delay_after(attempts: int) -> float:
    """Seconds until the next attempt after `attempts` failures: 1, 2, 4, … up to five minutes."""
    return min(2.0 ** max(0, attempts - 1), LONGEST_DELAY.total_seconds())
