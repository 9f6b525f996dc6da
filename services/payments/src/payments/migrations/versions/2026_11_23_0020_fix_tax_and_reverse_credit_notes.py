"""fix the tax of what was paid, reverse credit notes, know when a booking was made."""

import sqlalchemy as sa
from alembic import op

revision = "91e5d2b7c640"
down_revision = "3c7a91d0e845"
branch_labels = None
depends_on = None

WITHOUT_REVERSAL = "status = 'failed' AND credit_note_id IS NOT NULL AND reversal_id IS NULL"
KINDS = "kind IN ('receipt', 'invoice', 'credit_note', 'credit_note_reversal')"
OF_REFUND = "(kind IN ('credit_note', 'credit_note_reversal')) = (refund_id IS NOT NULL)"
FORMER_KINDS = "kind IN ('receipt', 'invoice', 'credit_note')"
FORMER_OF_REFUND = "(kind = 'credit_note') = (refund_id IS NOT NULL)"

SHARE = """
round({table}.{cents}::numeric * coalesce((b.prices->>'organizing_tax_cents')::int, 0) / b.total_cents)
"""
TAX_PAID = f"""
UPDATE payments SET tax_cents = {SHARE.format(table="payments", cents="captured_cents")}
FROM billable_bookings AS b WHERE b.id = payments.booking_id AND captured_cents > 0 AND b.total_cents > 0
"""
TAX_GIVEN_BACK = f"""
UPDATE refunds SET tax_cents = {SHARE.format(table="refunds", cents="amount_cents")}
FROM billable_bookings AS b WHERE b.id = refunds.booking_id AND b.total_cents > 0
  AND EXISTS (SELECT FROM ledger_entries AS e WHERE e.fact = 'refund:' || refunds.id)
"""

BLANK_THE_ERASED = """
CREATE OR REPLACE FUNCTION blank_the_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email <> '' AND EXISTS (
    SELECT FROM erased_people
    WHERE customer_id = NEW.customer_id
       OR (email_sha256 = encode(sha256(convert_to(lower(NEW.email), 'UTF8')), 'hex'){when})
  ) THEN
    NEW.email := '';
    NEW.customer_name := '';
  END IF;
  RETURN NEW;
END $$
"""
BEFORE_THE_ERASURE = " AND erased_at >= coalesce(NEW.booked_at, erased_at)"


def upgrade() -> None:
    op.add_column("billable_bookings", sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(BLANK_THE_ERASED.format(when=BEFORE_THE_ERASURE))
    op.add_column("refunds", sa.Column("reversal_id", sa.UUID(), nullable=True))
    for table in ("payments", "refunds"):
        op.add_column(table, sa.Column("tax_cents", sa.Integer(), nullable=True))
    op.execute(TAX_PAID)
    op.execute(TAX_GIVEN_BACK)
    op.create_index(
        "refunds_without_reversal", "refunds", ["processed_at"], postgresql_where=sa.text(WITHOUT_REVERSAL)
    )
    op.drop_constraint("receipts_one_credit_note", "receipts")
    op.create_unique_constraint("receipts_one_of_refund", "receipts", ["refund_id", "kind"])
    _check_receipts(KINDS, OF_REFUND)


def downgrade() -> None:
    _check_receipts(FORMER_KINDS, FORMER_OF_REFUND)
    op.drop_constraint("receipts_one_of_refund", "receipts")
    op.create_unique_constraint("receipts_one_credit_note", "receipts", ["refund_id"])
    op.drop_index("refunds_without_reversal", "refunds")
    for table in ("refunds", "payments"):
        op.drop_column(table, "tax_cents")
    op.drop_column("refunds", "reversal_id")
    op.execute(BLANK_THE_ERASED.format(when=""))
    op.drop_column("billable_bookings", "booked_at")


def _check_receipts(kinds: str, of_refund: str) -> None:
    for name, rule in (("receipts_kind", kinds), ("receipts_refund", of_refund)):
        op.drop_constraint(name, "receipts")
        op.create_check_constraint(name, "receipts", rule)
