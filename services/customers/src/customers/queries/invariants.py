"""What must hold in the books of customers."""

from shared.invariants import Check
from sqlalchemy import text

from customers.queries.erasures import SERVICES

CHECKS = (
    Check(
        "erasures_reported",
        "Every erasure that is an hour old was carried out by all services.",
        text(f"""
            SELECT count(*) AS erasures, count(*) FILTER (
                     WHERE erased_at < CAST(:now AS timestamptz) - interval '1 hour' AND reports < {len(SERVICES)})
                   AS wrong
            FROM (SELECT erased_at, (SELECT count(*) FROM erasure_reports WHERE erasure_id = erasures.id) AS reports
                  FROM erasures) AS reported"""),  # noqa: S608
    ),
)
