import itertools
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from notifications.adapters.tables import bookings, customers, messages
from notifications.domain.kinds import OFFICE
from notifications.events import EVENT_HANDLERS
from notifications.sending.sender import Sender
from shared.contracts.booking import (
    BookingCancelled,
    BookingCreated,
    BookingExpired,
    BookingPaid,
    BookingStarted,
    PaymentLinkRequested,
)
from shared.contracts.booking_state import Adjustment, BookingState
from shared.contracts.customers import CustomerRegistered, CustomerState, CustomerUpdated
from shared.contracts.payments import PaymentFailed, PaymentState, RefundState, RefundSucceeded
from shared.contracts.subscribers import SUBSCRIBERS
from shared.db.sight import noting_round_trips
from shared.ids import new_id
from shared.testing.service import RunningService
from sqlalchemy import select

Make = Callable[..., Any]


async def written(service: RunningService) -> list[tuple[str, str]]:
    """(kind, recipient) of what was written to customers."""
    to_customers = select(messages).where(messages.c.kind.not_in(OFFICE)).order_by(messages.c.id)
    rows = await service.database.fetch_all(to_customers)
    return [(row.kind, row.recipient) for row in rows]


def test_every_event_that_the_queue_is_bound_to_is_handled() -> None:
    assert set(EVENT_HANDLERS) == set(SUBSCRIBERS["notifications"])


async def test_a_new_booking_is_confirmed_as_received(service: RunningService, a_booking: Make) -> None:
    await service.receive(BookingCreated(booking=a_booking()))
    assert await written(service) == [("booking_received", "ada@example.com")]


async def test_a_copy_and_its_message_take_one_round_trip(service: RunningService, a_booking: Make) -> None:
    with noting_round_trips() as trips:
        await service.receive(BookingCreated(booking=a_booking()))
    assert len(trips) == 1, trips


async def test_the_office_may_tell_the_customer_itself(service: RunningService, a_booking: Make) -> None:
    await service.receive(BookingCreated(booking=a_booking(), created_by="staff", notify=False))
    assert await written(service) == []


async def test_the_link_for_a_change_asks_for_the_change_once_for_each_request(
    service: RunningService, a_booking: Make
) -> None:
    change = (Adjustment(number=1, amount_cents=5000),)
    booking = a_booking(status="paid", adjustments=change)
    first, second = [PaymentLinkRequested(booking=booking, request_id=new_id()) for _ in range(2)]
    for event in (first, first, second):
        await service.receive(event)
    assert await written(service) == [("adjustment_due", "ada@example.com")] * 2


async def test_the_link_to_pay_is_sent_once_for_each_request(service: RunningService, a_booking: Make) -> None:
    booking = a_booking()
    first, second = [PaymentLinkRequested(booking=booking, request_id=new_id()) for _ in range(2)]
    for event in (first, first, second):
        await service.receive(event)
    assert await written(service) == [("booking_received", "ada@example.com")] * 2


async def test_a_paid_booking_gets_one_confirmation_whatever_is_told_again(
    service: RunningService, a_booking: Make
) -> None:
    paid = BookingPaid(booking=a_booking(status="paid", version=2), paid_cents=546638)
    event_id = new_id()
    for id in (event_id, event_id, new_id(), new_id()):
        await service.receive(paid, id)
    assert await written(service) == [("payment_received", "ada@example.com")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_events_in_any_order_leave_the_newest_copy_and_one_message_each(
    service: RunningService, a_booking: Make, order: tuple[int, ...]
) -> None:
    first: BookingState = a_booking()
    events = [
        BookingCreated(booking=first),
        BookingPaid(booking=first.model_copy(update={"version": 2, "status": "paid"}), paid_cents=1),
        BookingStarted(booking=first.model_copy(update={"version": 3, "status": "in_progress"})),
    ]
    for index in (*order, *reversed(order)):
        await service.receive(events[index])
    copy = await service.database.fetch_one(select(bookings))
    assert copy is not None
    assert (copy.version, copy.state["status"]) == (3, "in_progress")
    assert sorted(kind for kind, _ in await written(service)) == ["booking_received", "payment_received"]


async def test_cancelled_and_expired_bookings_are_told_of(service: RunningService, a_booking: Make) -> None:
    await service.receive(BookingCancelled(booking=a_booking(status="cancelled"), refund_cents=100))
    await service.receive(BookingExpired(booking=a_booking(status="expired")))
    assert [kind for kind, _ in await written(service)] == ["booking_cancelled", "booking_expired"]


async def test_several_declined_cards_make_one_message(
    service: RunningService, a_booking: Make, a_payment: Make
) -> None:
    payment: PaymentState = a_payment(a_booking())
    for version in (2, 3, 4):
        await service.receive(PaymentFailed(payment=payment.model_copy(update={"version": version})))
    assert [kind for kind, _ in await written(service)] == ["payment_failed"]


async def test_a_refund_is_told_of_once_each(
    service: RunningService, a_booking: Make, a_payment: Make, a_refund: Make
) -> None:
    payment: PaymentState = a_payment(a_booking(), status="refunded")
    refunds: list[RefundState] = [a_refund(payment, amount_cents=amount) for amount in (100, 200)]
    for refund in (*refunds, *refunds):
        await service.receive(RefundSucceeded(refund=refund, payment=payment))
    assert [kind for kind, _ in await written(service)] == ["refund_done", "refund_done"]


async def test_a_message_about_a_booking_not_known_yet_goes_when_it_is(
    service: RunningService, sender: Sender, clock: Any, a_booking: Make, a_payment: Make,
    mails: Callable[[], list[EmailMessage]],
) -> None:  # fmt: skip
    booking: BookingState = a_booking()
    await service.receive(PaymentFailed(payment=a_payment(booking)))
    await sender.send_batch()
    assert mails() == []
    await service.receive(BookingCreated(booking=booking))
    clock.now = clock.now.replace(minute=1)
    await sender.send_batch()
    assert sorted(mail["To"] for mail in mails()) == ["ada@example.com", "ada@example.com"]


async def test_a_new_customer_is_welcomed_if_they_want_email(service: RunningService, a_customer_state: Make) -> None:
    ada: CustomerState = a_customer_state()
    for customer in (ada, ada, a_customer_state(email="bob@example.com", email_notifications=False)):
        await service.receive(CustomerRegistered(customer=customer))
    assert await written(service) == [("welcome", "ada@example.com")]


async def test_what_belongs_to_a_contract_goes_also_to_those_who_want_no_email(
    service: RunningService, a_booking: Make, a_customer_state: Make
) -> None:
    ada: CustomerState = a_customer_state(email_notifications=False)
    await service.receive(CustomerUpdated(customer=ada))
    await service.receive(BookingPaid(booking=a_booking(customer_id=ada.id, status="paid"), paid_cents=1))
    assert await written(service) == [("payment_received", "ada@example.com")]


async def test_an_older_state_of_a_customer_changes_nothing(service: RunningService, a_customer_state: Make) -> None:
    ada: CustomerState = a_customer_state()
    newer = ada.model_copy(update={"version": 2, "email": "new@example.com"})
    await service.receive(CustomerUpdated(customer=newer))
    await service.receive(CustomerRegistered(customer=ada))
    copy = await service.database.fetch_one(select(customers))
    assert copy is not None
    assert (copy.version, copy.email) == (2, "new@example.com")


async def test_a_customers_mail_goes_to_their_address_of_today(
    service: RunningService, sender: Sender, a_booking: Make, a_customer_state: Make,
    mails: Callable[[], list[EmailMessage]],
) -> None:  # fmt: skip
    ada: CustomerState = a_customer_state(email="new@example.com", version=5)
    await service.receive(CustomerUpdated(customer=ada))
    await service.receive(BookingPaid(booking=a_booking(customer_id=ada.id, status="paid"), paid_cents=1))
    await sender.send_batch()
    assert "new@example.com" in [mail["To"] for mail in mails()]
