"""Reports for bookkeepers, all of them sums of the ledger: what is booked never changes, so no revenue of a day does.

The tax in it is that which payments and refunds fixed when their money moved.

Days are business days in New York. Money that came in twice and went back by itself is in the statement, where every
cent of the account is, and neither in revenue nor in tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.clock import day_begins, day_ends
from shared.db.engine import Database
from shared.money import dollars
from sqlalchemy import Row, text


@dataclass(frozen=True, slots=True)
class Days:
    """Business days from the first to the last, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def span(self) -> dict[str, datetime]:
        """The instants between which they lie; the second is excluded."""
        return {"begin": day_begins(self.first, self.zone), "end": day_ends(self.last, self.zone)}


_ACCOUNTS = text("""
    WITH told AS (
      SELECT account, amount_cents, booked_at >= :begin AS today FROM ledger_entries WHERE booked_at < :end)
    SELECT account,
           coalesce(sum(amount_cents) FILTER (WHERE NOT today), 0)::bigint AS opening_cents,
           coalesce(sum(amount_cents) FILTER (WHERE today AND amount_cents > 0), 0)::bigint AS debit_cents,
           coalesce(-sum(amount_cents) FILTER (WHERE today AND amount_cents < 0), 0)::bigint AS credit_cents,
           sum(amount_cents)::bigint AS closing_cents
    FROM told GROUP BY account ORDER BY account""")

_ENTRIES = text("""
    SELECT e.id, e.booked_at, e.fact, e.account, e.amount_cents, e.payment_id,
           coalesce(p.booking_number, '') AS booking_number
    FROM ledger_entries AS e LEFT JOIN payments AS p ON p.id = e.payment_id
    WHERE e.booked_at >= :begin AND e.booked_at < :end ORDER BY e.id""")

_REVENUE = text("""
    SELECT (e.booked_at AT TIME ZONE :zone)::date AS date, b.service_type,
           count(*) FILTER (WHERE e.account = 'customer_payments') AS payments,
           coalesce(-sum(e.amount_cents) FILTER (WHERE e.account = 'customer_payments'), 0)::bigint AS charged_cents,
           coalesce(sum(e.amount_cents) FILTER (WHERE e.account = 'customer_refunds'), 0)::bigint AS refunded_cents,
           -sum(e.amount_cents)::bigint AS net_cents
    FROM ledger_entries AS e JOIN payments AS p ON p.id = e.payment_id
    JOIN billable_bookings AS b ON b.id = p.booking_id
    WHERE e.booked_at >= :begin AND e.booked_at < :end AND p.duplicate_of IS NULL
      AND e.account IN ('customer_payments', 'customer_refunds')
    GROUP BY 1, 2 ORDER BY 1, 2""")

_TAX = text("""
    WITH shares AS (
      SELECT (e.booked_at AT TIME ZONE :zone)::date AS date, e.account, e.amount_cents,
             sign(e.amount_cents) * coalesce(
               CASE e.account WHEN 'customer_payments' THEN p.tax_cents ELSE r.tax_cents END,
               round(abs(e.amount_cents)::numeric * coalesce((b.prices->>'organizing_tax_cents')::int, 0)
                 / nullif(b.total_cents, 0)), 0) AS tax
      FROM ledger_entries AS e JOIN payments AS p ON p.id = e.payment_id
      JOIN billable_bookings AS b ON b.id = p.booking_id
      LEFT JOIN refunds AS r ON r.id = CASE e.account WHEN 'customer_refunds' THEN split_part(e.fact, ':', 2)::uuid END
      WHERE e.booked_at >= :begin AND e.booked_at < :end AND p.duplicate_of IS NULL
        AND e.account IN ('customer_payments', 'customer_refunds'))
    SELECT date,
           coalesce(-sum(tax) FILTER (WHERE account = 'customer_payments'), 0)::bigint AS collected_cents,
           coalesce(sum(tax) FILTER (WHERE account = 'customer_refunds'), 0)::bigint AS refunded_cents,
           -sum(tax)::bigint AS net_cents
    FROM shares WHERE tax <> 0 GROUP BY 1 ORDER BY 1""")
"""What an older release moved while this one was being rolled out has no tax of its own: it has the price's share."""

STATEMENT_COLUMNS = ("booked_at", "fact", "account", "amount_cents", "booking_number", "payment_id")
REVENUE_COLUMNS = ("date", "service_type", "payments", "charged_cents", "refunded_cents", "net_cents")
TAX_COLUMNS = ("date", "collected_cents", "refunded_cents", "net_cents")


async def statement(database: Database, days: Days) -> dict[str, Any]:
    """The ledger of a day: what each account held, gained and lost, and every entry; payouts are among them."""
    accounts = [dict(row._mapping) for row in await database.fetch_all(_ACCOUNTS, days.span)]
    entries = [dict(row._mapping) for row in await database.fetch_all(_ENTRIES, days.span)]
    paid_out = sum(entry["amount_cents"] for entry in entries if entry["account"] == "payouts")
    return {
        "date": days.first,
        "accounts": accounts,
        "entries": entries,
        "payouts_cents": paid_out,
        "balanced": sum(account["closing_cents"] for account in accounts) == 0,
    }


async def revenue(database: Database, days: Days) -> list[dict[str, Any]]:
    """What came in, went back and stayed, per day and kind of service."""
    return _as_rows(await database.fetch_all(_REVENUE, days.span | {"zone": str(days.zone)}))


async def tax(database: Database, days: Days) -> list[dict[str, Any]]:
    """The sales tax on organizing that came in, went back and is owed, per day."""
    return _as_rows(await database.fetch_all(_TAX, days.span | {"zone": str(days.zone)}))


def totals(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> dict[str, int]:
    """The sums of those `columns` that are in cents, zero where nothing moved."""
    return {name: sum(row[name] for row in rows) for name in columns if name.endswith("_cents")}


def _as_rows(rows: list[Row[Any]]) -> list[dict[str, Any]]:
    return [{**row._mapping, "net_dollars": dollars(row.net_cents)} for row in rows]
