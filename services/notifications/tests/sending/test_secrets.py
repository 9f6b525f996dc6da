"""What links open stays between the sender and the recipient."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from notifications.adapters.tables import messages, templates
from notifications.commands.write_message import WriteMessage
from notifications.domain.kinds import BY_SMS, LINKS, TITLES, Kind
from notifications.sending.samples import sample_booking, sample_facts
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingStarted
from shared.contracts.customers import CustomerRegistered
from shared.ids import new_id
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import select, text

Make = Callable[..., Any]
SECRETS = ("token-of-ada", "single-use-token", "http", "1 Main Street")


async def told(service: RunningService) -> str:
    """All that is kept of messages for others to see: their subjects, and what is published."""
    rows = await service.database.fetch_all(text("SELECT data::text AS told FROM outbox"))
    return " ".join(
        row.told for row in [*rows, *await service.database.fetch_all(select(messages.c.subject.label("told")))]
    )


async def reworded(service: RunningService, kind: Kind, **parts: str) -> None:
    """A wording from before such wordings were refused."""
    row = {
        "kind": kind.value,
        "version": 1,
        "parts": parts,
        "changed_by": new_id(),
        "changed_at": service.platform.clock(),
    }
    async with service.database.transaction() as connection:
        await connection.execute(templates.insert(), row)


@pytest.mark.parametrize("kind", sorted(BY_SMS))
async def test_neither_text_nor_link_of_an_sms_is_kept_or_told(
    service: RunningService, sender: Sender, a_booking: Make, a_customer_state: Make, kind: Kind
) -> None:
    customer = a_customer_state(sms_notifications=True)
    sample = sample_booking(kind)
    assert sample is not None
    booking = a_booking(customer_id=customer.id, status=sample.status, adjustments=sample.adjustments)
    await service.receive(CustomerRegistered(customer=customer))
    await service.receive(BookingStarted(booking=booking))
    links = "{{ booking_link }} {{ pay_link }} {{ rate_link }}"
    await reworded(service, kind, sms=f"{links} {{{{ booking.pickup[0] }}}}", subject=f"See {links}")
    facts = sample_facts(kind) | {"receipt": None}
    await service.commands.execute(WriteMessage(kind, "it", booking.id, customer.id, facts=facts))
    await sender.send_batch()
    rows = await service.database.fetch_all(select(messages).where(messages.c.channel == "sms"))
    assert [(row.status, row.subject) for row in rows] == [("sent", TITLES[kind])]
    assert not [secret for secret in SECRETS if secret in await told(service)]


@pytest.mark.parametrize("kind", sorted(LINKS))
async def test_a_link_that_opens_an_account_is_neither_kept_nor_told(
    service: RunningService, sender: Sender, clock: MovableClock, kind: Kind
) -> None:
    sealed = Sealer(DEVELOPMENT_SEALING_KEY).seal("single-use-token")
    await reworded(service, kind, subject="Use {{ link }}")
    facts = {**sample_facts(kind), "token_sealed": sealed, "first_name": "Ada"}
    ends = clock.now + timedelta(hours=1)
    await service.commands.execute(
        WriteMessage(kind, "it", recipient="ada@example.com", facts=facts, useful_until=ends)
    )
    await sender.send_batch()
    (row,) = await service.database.fetch_all(select(messages))
    assert (row.status, row.subject) == ("sent", TITLES[kind])
    assert not [secret for secret in SECRETS if secret in await told(service)]
