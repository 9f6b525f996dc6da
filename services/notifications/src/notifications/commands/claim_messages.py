"""Takes messages that are due, for this process to send."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, text

from notifications.domain.kinds import LINKS, OFFICE, Kind

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 20

# Only kinds that this code knows: while a new version is rolled out, its workers send what is new. What goes to the
# office, and links that prove an address, go where they were meant to; all else to the customer's address of today.
_CLAIM = text("""
WITH due AS (
  SELECT id FROM messages WHERE due_at <= :now AND kind = ANY(:kinds)
  ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE messages SET status = 'sending', due_at = :leased_until, attempts = attempts + 1, version = version + 1
  FROM due WHERE messages.id = due.id RETURNING messages.*
), addressed AS (
  SELECT claimed.*, bookings.state, customers.first_name,
         coalesce(customers.sms_notifications, false) AS wants_sms,
         coalesce(customers.email_notifications, true) AS wants_email,
         CASE WHEN claimed.kind = ANY(:fixed) THEN claimed.recipient
              WHEN claimed.channel = 'sms' THEN coalesce(customers.phone, '')
              ELSE coalesce(nullif(customers.email, ''), nullif(claimed.recipient, ''),
                            bookings.state->'contact'->>'email', '') END AS address
  FROM claimed
  LEFT JOIN bookings ON bookings.id = claimed.booking_id
  LEFT JOIN customers ON customers.id = claimed.customer_id
)
SELECT addressed.*, coalesce(suppressions.blocks, '') AS blocks
FROM addressed
LEFT JOIN suppressions ON suppressions.channel = addressed.channel AND suppressions.address_sha256
  = encode(sha256(convert_to(lower(btrim(addressed.address)), 'UTF8')), 'hex')
""")
_KINDS = {"kinds": [kind.value for kind in Kind], "fixed": [kind.value for kind in OFFICE | LINKS], "batch": BATCH}


@dataclass(frozen=True, slots=True)
class ClaimMessages:
    """Up to 20 messages that are due, among them those whose sender died: its lease of 60 s has ended."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message in this process's hands, with the copies that it is about as far as they are known.

    `recipient` is an e-mail address or a phone number. `blocks`: what a suppression of it keeps back, `all` or
    `optional`; empty without one. `is_unreadable`: there is a copy of the booking, and it is none.
    """

    id: UUID
    version: int
    kind: Kind
    channel: Literal["email", "sms"]
    recipient: str
    first_name: str
    booking_id: UUID | None
    customer_id: UUID | None
    booking: BookingState | None
    facts: dict[str, Any]
    trace_context: dict[str, str]
    attempts: int
    created_at: datetime
    useful_until: datetime | None
    wants_sms: bool
    wants_email: bool
    blocks: str
    is_unreadable: bool = False


async def claim_messages(command: ClaimMessages, uow: UnitOfWork) -> list[ClaimedMessage]:
    """Takes the messages; other processes leave them alone until the lease ends."""
    rows = await uow.fetch_all(_CLAIM, {"now": uow.now, "leased_until": uow.now + LEASE, **_KINDS})
    return [_claimed_message(row) for row in rows]


def _booking(row: Row[Any]) -> BookingState | None:
    """The copy; null also for one that can't be read, which must not stop the messages beside it."""
    try:
        return BookingState.model_validate(row.state) if row.state else None
    except ValueError:
        log.exception("a copy of a booking can't be read", extra={"booking_id": str(row.booking_id)})
        return None


def _claimed_message(row: Row[Any]) -> ClaimedMessage:
    booking = _booking(row)
    return ClaimedMessage(
        id=row.id,
        version=row.version,
        kind=Kind(row.kind),
        channel=row.channel,
        recipient=row.address,
        first_name=row.facts.get("first_name") or row.first_name or (booking.contact.first_name if booking else ""),
        booking_id=row.booking_id,
        customer_id=row.customer_id,
        booking=booking,
        facts=row.facts,
        trace_context=row.trace_context,
        attempts=row.attempts,
        created_at=row.created_at,
        useful_until=row.useful_until,
        wants_sms=row.wants_sms,
        wants_email=row.wants_email,
        blocks=row.blocks,
        is_unreadable=booking is None and bool(row.state),
    )
