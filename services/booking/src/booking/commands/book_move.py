"""Takes an order from the first check of its fields to the payment intent.

The booking commits before payments is asked, so a payments service that is down costs nobody a booking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.clock import Clock, business_date
from shared.commands import Commands
from shared.errors import Invalid
from shared.http.idempotency import IdempotencyKey
from shared.ids import new_id
from shared.sealing import Sealer

from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.intents import Intent, Intents
from booking.adapters.numbers import BookingNumbers
from booking.adapters.pauses import Pauses
from booking.commands.create_booking import CreateBooking
from booking.commands.create_for_staff import CreateForStaff
from booking.commands.hold_place import TakePlaceAgain
from booking.domain.booking import Booking
from booking.domain.capacity import NoCapacity, places_of
from booking.domain.discounts import UNUSABLE, DiscountUnusable, redeemers_of
from booking.domain.facts import state_of
from booking.domain.move import Problem
from booking.domain.opening import Label, Order, open_booking
from booking.domain.pausing import BookingPaused
from booking.domain.quote_records import record_of
from booking.domain.settling import amount_due
from booking.domain.staff_terms import agreed
from booking.domain.tokens import manage_token
from booking.queries.availability import Availability
from booking.queries.quote_move import QuoteMove

MOVE_FIELDS = "service_details."
"""Where an order has the fields of its move."""


@dataclass(frozen=True, slots=True)
class BookingDesk:
    """Where orders become bookings."""

    numbers: BookingNumbers
    commands: Commands
    catalog: CatalogCopy
    quotes: QuoteMove
    intents: Intents
    pauses: Pauses
    availability: Availability
    sealer: Sealer
    secret: str
    clock: Clock
    timezone: ZoneInfo

    async def book(
        self, order: Order, problems: Iterable[Problem], key: IdempotencyKey | None, prefix: str = MOVE_FIELDS
    ) -> tuple[Booking, Intent | None]:
        """The booking and a way to pay it, if there is one at the moment; staff need none, as they do not pay.

        Raises `Invalid` with every broken rule (those of the move under `prefix`; `problems` are those found with the
        addresses), `QuoteMismatch`, `PriceChanged`, `NotChargeable`, `NoCapacity`, `BookingPaused`, `Unavailable`, and
        what `claim` raises for keys used before.
        """
        redeemers = redeemers_of(order.customer_id, order.contact.email)
        move = self.quotes.checked(order.move, prefix, problems)
        self._check_not_paused(order)
        held = await self.quotes.hold(move, order.quote_token, order.expected_total_cents, prefix, redeemers)
        price = agreed(held, order.staff)
        now = self.clock()
        booking_id = new_id()
        label = await self._label(booking_id)
        catalog = await self.catalog.version(price.catalog_version)
        assert catalog is not None, "a price is made from a known version"
        booking = open_booking(booking_id, label, order, move, price, catalog.policies, now, self.timezone)
        record = record_of("booked", move, price, booking.prices, order.agreed_cents)
        places = None if order.overbook_reason else self._places(booking)
        creation = CreateBooking(booking, record, places, order.addresses_to_save, key)
        if order.staff is not None:
            return await self._store(CreateForStaff(creation, order.staff), prefix), None
        stored = await self._store(creation, prefix)
        return stored, await self.intent_of(stored)

    async def intent_of(self, booking: Booking) -> Intent | None:
        """The booking's open payment intent; nothing if it needs none (any more) or none can be had now."""
        if (due := amount_due(booking)) is None or not booking.may_be_paid(self.clock()):
            return None
        try:
            held = await self.with_place(booking)
        except NoCapacity:
            return None
        return await self.intents.intent_for(state_of(held), due.purpose, due.cents)

    async def with_place(self, booking: Booking) -> Booking:
        """The booking with a place to be paid for; raises `NoCapacity` when its own is gone and the day is full."""
        if booking.status != "pending" or booking.holds_place:
            return booking
        hold_minutes = self.catalog.newest().policies.capacity_hold_minutes
        command = TakePlaceAgain(booking.id, self._places(booking), hold_minutes)
        try:
            held: Booking = await self.commands.execute(command)
        except NoCapacity:
            raise await self.availability.full(booking.pickup_date, booking.service_type) from None
        return held

    def token_of(self, booking_id: UUID) -> str:
        """The manage token of a booking."""
        return manage_token(self.secret, booking_id)

    async def _store(self, command: CreateBooking | CreateForStaff, prefix: str) -> Booking:
        booking = command.booking
        try:
            stored: Booking = await self.commands.execute(command)
        except NoCapacity:
            raise await self.availability.full(booking.pickup_date, booking.service_type) from None
        except DiscountUnusable:
            raise Invalid({f"{prefix}discount_code": [UNUSABLE]}) from None
        return stored

    def _places(self, booking: Booking) -> int:
        return places_of(self.catalog.newest().policies, booking.service_type, booking.pickup_date)

    def _check_not_paused(self, order: Order) -> None:
        assert order.move.pickup_date is not None
        message = self.pauses.message_for(order.move.service_type, order.move.pickup_date)
        if message is not None and order.actor.kind != "staff":
            raise BookingPaused(message)

    async def _label(self, booking_id: UUID) -> Label:
        token = self.token_of(booking_id)
        number = await self.numbers.next(business_date(self.clock(), self.timezone))
        return Label(number, token, self.sealer.seal(token))
