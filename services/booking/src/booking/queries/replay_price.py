"""Computes a stored price anew, from what was stored with it."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.booking_state import PriceLines
from shared.db.engine import Database
from shared.errors import NotFound
from sqlalchemy import select

from booking.adapters.catalog_copy import CatalogCopy, CatalogUnknown
from booking.adapters.quote_store import LAST_QUOTE
from booking.adapters.tables import bookings
from booking.domain.changed_prices import kept_price, with_extras
from booking.domain.quote_records import agreed_total, discount_of_document, move_of_document

_TOTAL = select(bookings.c.id, bookings.c.total_price_cents, bookings.c.prices)
_EXTRAS = {
    "reschedule_fee": "Fees of changes shortly before the pickup.",
    "price_override": "Agreed on with the office.",
    "waived": "Too little to charge a card with.",
}


class NothingToReplay(NotFound):
    """The booking is older than the keeping of prices."""

    message = "No price was kept for this booking."


@dataclass(frozen=True, slots=True)
class LineReplay:
    """A line as it is stored and as it is computed anew, in cents."""

    line: str
    stored_cents: int
    replayed_cents: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A booking's price held against the same computation made anew."""

    booking_id: UUID
    catalog_version: int
    occasion: str
    stored_total_cents: int
    replayed_total_cents: int
    lines: tuple[LineReplay, ...]

    @property
    def agrees(self) -> bool:
        """Whether every line and the total are the same to the cent."""
        same = all(line.stored_cents == line.replayed_cents for line in self.lines)
        return same and self.stored_total_cents == self.replayed_total_cents


class PriceReplay:
    """Reads the last price that a booking was made or changed at, and the catalogue of that time."""

    def __init__(self, database: Database, catalog: CatalogCopy) -> None:
        self._database = database
        self._catalog = catalog

    async def of_booking(self, booking_id: UUID) -> Replay:
        """Raises `NotFound`, and `CatalogUnknown` if the catalogue of that time is lost."""
        booking = await self._database.fetch_one(_TOTAL.where(bookings.c.id == booking_id))
        if booking is None:
            raise NotFound()
        quote = await self._database.fetch_one(LAST_QUOTE, {"booking": booking_id})
        if quote is None:
            raise NothingToReplay()
        catalog = await self._catalog.version(quote.catalog_version)
        if catalog is None:
            raise CatalogUnknown()
        priced = kept_price(move_of_document(quote.move), catalog, discount_of_document(quote.discount))
        agreed = agreed_total(quote.override_cents, quote.prices)
        fees, waived = quote.prices.get("reschedule_fee_cents", 0), booking.prices.get("waived_cents", 0)
        replayed = with_extras(priced.amounts, fees, agreed, waived)
        sentences = {line.name: line.sentence for line in priced.lines} | _EXTRAS
        return Replay(
            booking_id,
            quote.catalog_version,
            quote.occasion,
            booking.total_price_cents,
            replayed.total_price_cents,
            tuple(_lines(booking.prices, replayed, sentences)),
        )


def _lines(stored: dict[str, int], replayed: PriceLines, sentences: dict[str, str]) -> list[LineReplay]:
    computed = replayed.model_dump()
    return [
        LineReplay(name, stored.get(f"{name}_cents", 0), computed.get(f"{name}_cents", 0), sentence)
        for name, sentence in sentences.items()
    ]
