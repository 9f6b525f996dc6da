"""titles instead of secrets."""

import json

import sqlalchemy as sa
from alembic import op

revision = "8a1f6d0c2b57"
down_revision = "1333557d3d46"
branch_labels = None
depends_on = None

_TITLES = {
    "booking_received": "We have the booking",
    "payment_received": "The booking is confirmed",
    "payment_failed": "A payment did not go through",
    "unpaid_reminder": "The booking waits for its payment",
    "adjustment_due": "A change is to be paid",
    "reminder": "The move is tomorrow",
    "on_the_way": "The crew is on its way",
    "completed": "How was the move?",
    "rescheduled": "The move is on another day",
    "booking_cancelled": "The booking is cancelled",
    "booking_expired": "The booking has expired",
    "refund_done": "A refund is on its way",
    "verify_email": "Confirm the e-mail address",
    "password_reset": "Choose a new password",
    "staff_invitation": "Invitation of staff",
}
_MESSAGES = """
UPDATE messages SET subject = coalesce(CAST(:titles AS jsonb)->>kind, '')
WHERE subject <> '' AND (channel = 'sms' OR kind IN ('verify_email', 'password_reset', 'staff_invitation'))
"""
_OUTBOX = """
UPDATE outbox SET data = jsonb_set(
  data, '{message,subject}', to_jsonb(coalesce(CAST(:titles AS jsonb)->>(data->'message'->>'kind'), '')))
WHERE type IN ('message.sent.v1', 'message.failed.v1') AND data->'message'->>'subject' <> ''
  AND (data->'message'->>'channel' = 'sms'
       OR data->'message'->>'kind' IN ('verify_email', 'password_reset', 'staff_invitation'))
"""


def upgrade() -> None:
    """The subject of an SMS was its whole text, with whatever link it held; that of a link could be worded so."""
    for statement in (_MESSAGES, _OUTBOX):
        op.get_bind().execute(sa.text(statement), {"titles": json.dumps(_TITLES)})


def downgrade() -> None:
    """What was there is not wanted back."""
