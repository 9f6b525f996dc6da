"""Takes an order from the first check of its fields to the payment intent.

The booking commits before payments is asked, so a payments service that is down costs nobody a booking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.clock import Clock, business_date
from shared.commands import Commands
from shared.db.engine import Database
from shared.http.idempotency import IdempotencyKey
from shared.ids import new_id
from shared.sealing import Sealer

from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.intents import Intent, Intents
from booking.adapters.numbers import next_booking_number
from booking.commands.create_booking import CreateBooking
from booking.domain.booking import Booking
from booking.domain.facts import state_of
from booking.domain.move import Problem
from booking.domain.opening import Label, Order, open_booking
from booking.domain.tokens import manage_token
from booking.queries.quote_move import QuoteMove

MOVE_FIELDS = "service_details."
"""Where an order has the fields of its move."""

_PAYABLE = ("pending", "confirmed")


@dataclass(frozen=True, slots=True)
class BookingDesk:
    """Where orders become bookings."""

    database: Database
    commands: Commands
    catalog: CatalogCopy
    quotes: QuoteMove
    intents: Intents
    sealer: Sealer
    secret: str
    clock: Clock
    timezone: ZoneInfo

    async def book(
        self, order: Order, problems: Iterable[Problem], key: IdempotencyKey | None
    ) -> tuple[Booking, Intent | None]:
        """The booking and a way to pay it, if there is one at the moment.

        Raises `Invalid` with every broken rule (`problems` are those found with the addresses), `QuoteMismatch`,
        `PriceChanged`, `NotChargeable`, `Unavailable`, and what `claim` raises for keys used before.
        """
        quote = await self.quotes.quote(order.move, MOVE_FIELDS, problems)
        price = await self.quotes.hold(quote, order.quote_token, order.expected_total_cents, MOVE_FIELDS)
        now = self.clock()
        booking_id = new_id()
        label = await self._label(booking_id)
        catalog = await self.catalog.version(price.catalog_version)
        assert catalog is not None, "a price is made from a known version"
        booking = open_booking(booking_id, label, order, quote.move, price, catalog.policies, now, self.timezone)
        stored = await self.commands.execute(CreateBooking(booking, order.addresses_to_save, key))
        return stored, await self.intent_of(stored)

    async def intent_of(self, booking: Booking) -> Intent | None:
        """The booking's open payment intent; nothing if it needs none (any more) or none can be had now."""
        return await self.intents.intent_for(state_of(booking)) if booking.status in _PAYABLE else None

    def token_of(self, booking_id: UUID) -> str:
        """The manage token of a booking."""
        return manage_token(self.secret, booking_id)

    async def _label(self, booking_id: UUID) -> Label:
        token = self.token_of(booking_id)
        number = await next_booking_number(self.database, business_date(self.clock(), self.timezone))
        return Label(number, token, self.sealer.seal(token))
