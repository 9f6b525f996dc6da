"""A customer is to be forgotten."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import CustomerErased, ErasureReported
from shared.db.engine import dump_json
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.copies import BLANK
from notifications.adapters.tables import erased

Forget = Callable[[Iterable[UUID]], int]
"""Removes what the local mailbox holds of these messages; returns how many files there were."""

_PERSON = text("""
SELECT email AS word FROM customers WHERE id = :customer_id UNION SELECT phone FROM customers WHERE id = :customer_id
UNION SELECT first_name || ' ' || last_name FROM customers WHERE id = :customer_id
UNION SELECT recipient FROM messages WHERE encode(sha256(convert_to(lower(recipient), 'UTF8')), 'hex') = :email_sha256
UNION SELECT state->'contact'->>'email' FROM bookings WHERE customer_id = :customer_id OR email_sha256 = :email_sha256
UNION SELECT state->'contact'->>'phone' FROM bookings WHERE customer_id = :customer_id OR email_sha256 = :email_sha256
""")
_BOOKINGS = text("""
UPDATE bookings SET email_sha256 = '', state = state || CAST(:blank AS jsonb)
WHERE customer_id = :customer_id OR email_sha256 = :email_sha256
RETURNING id
""")
# What the office was told about the person counts too, and so do messages that were never theirs but name them.
_MESSAGES = text("""
UPDATE messages
SET recipient = '', subject = '', version = version + 1,
    facts = facts - ARRAY['name', 'email', 'phone', 'subject', 'message', 'first_name', 'token_sealed'],
    status = CASE WHEN status IN ('pending', 'sending') THEN 'dropped' ELSE status END, due_at = NULL,
    failure_reason = CASE WHEN status IN ('pending', 'sending') THEN 'The customer was erased.'
                          ELSE failure_reason END
WHERE (customer_id = :customer_id OR booking_id = ANY(:bookings) OR lower(facts->>'email') = ANY(:words)
       OR encode(sha256(convert_to(lower(recipient), 'UTF8')), 'hex') = :email_sha256)
RETURNING id
""")
_CUSTOMER = text("DELETE FROM customers WHERE id = :customer_id RETURNING id")
_SUPPRESSIONS = text("""
UPDATE suppressions SET address = '', note = ''
WHERE address <> '' AND (address_sha256 = :email_sha256 OR lower(address) = ANY(:words)) RETURNING id
""")
_REMEMBER = insert(erased).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Whom to forget."""

    event: CustomerErased


class CustomerEraser:
    """Blanks the person in copies, messages, the local mailbox and what waits to be published."""

    def __init__(self, forget: Forget) -> None:
        self._forget = forget

    async def __call__(self, command: EraseCustomer, uow: UnitOfWork) -> None:
        """Ids, kinds, days and amounts stay. A later event about the customer brings nothing back."""
        event = command.event
        about: dict[str, Any] = {"customer_id": event.customer_id, "email_sha256": event.email_sha256}
        await uow.execute(_REMEMBER, {**about, "erased_at": event.erased_at})
        words = [row.word for row in await uow.fetch_all(_PERSON, about) if row.word and row.word.strip()]
        about["words"] = [word.lower() for word in words]
        about["blank"] = dump_json(BLANK)
        about["bookings"] = [row.id for row in await uow.fetch_all(_BOOKINGS, about)]
        messages = [row.id for row in await uow.fetch_all(_MESSAGES, about)]
        counts = {
            "bookings": len(about["bookings"]),
            "messages": len(messages),
            "customers": len(await uow.fetch_all(_CUSTOMER, about)),
            "suppressions": len(await uow.fetch_all(_SUPPRESSIONS, about)),
            "mailbox": self._forget(messages),
            "events": await scrub_messages(uow, [event.customer_id, *about["bookings"]], words),
        }
        uow.record(_report(event.customer_id, counts), 1)


def _report(customer_id: UUID, counts: dict[str, int]) -> ErasureReported:
    kept = {"suppressions": "Hashes of addresses that take no mail: sending to them would harm the mail of others."}
    return ErasureReported(
        report_id=new_id(), customer_id=customer_id, service="notifications", erased=counts, kept=kept
    )
