"""Staff have the link to pay sent to a customer once more, for the price or for what a change costs."""

from dataclasses import dataclass
from uuid import UUID

from shared.audit import StaffMember
from shared.contracts.booking import PaymentLinkRequested
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id

from booking.adapters.repository import lock_booking, save_booking
from booking.commands.audit import record_audit
from booking.domain.booking import Booking
from booking.domain.facts import state_of
from booking.domain.settling import amount_due


class NothingToPay(Conflict):
    """The booking is paid with all that its changes cost, costs nothing, or is over."""

    code = "nothing_to_pay"
    message = "There is nothing to pay for this booking."


@dataclass(frozen=True, slots=True)
class SendPaymentLink:
    """Send it, once for `key`."""

    booking_id: UUID
    staff: StaffMember
    key: IdempotencyKey | None = None


async def send_payment_link(command: SendPaymentLink, uow: UnitOfWork) -> Booking:
    """The booking afterwards; raises `NotFound`, `NothingToPay`, and what `claim` raises for keys used before."""
    request_id = new_id()
    resumed = await claim(uow, command.key, request_id) != request_id
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if resumed:
        return booking
    if amount_due(booking) is None or not booking.may_be_paid(uow.now):
        raise NothingToPay(booking_status=booking.status)
    following = booking.touched(uow.now)
    await save_booking(uow, following, PaymentLinkRequested(booking=state_of(following), request_id=request_id))
    record_audit(uow, command.staff, "booking_updated", following, after={"payment_link": "sent"})
    return following
