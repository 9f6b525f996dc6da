"""Quotes a move, and holds us to what was quoted."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from shared.clock import Clock
from shared.contracts.catalog import CatalogSnapshot
from shared.errors import Invalid

from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.discount_codes import DiscountCodes
from booking.domain.discounts import UNUSABLE, Discount, DiscountUnusable
from booking.domain.move import Move, Problem, resolved
from booking.domain.price_documents import quote_document
from booking.domain.pricing import Price, price
from booking.domain.quotes import PriceChanged, Quote, QuoteMismatch, issue_quote, read_quote
from booking.domain.rules import by_field, move_problems


class QuoteMove:
    """Prices moves by the catalogue copy in memory; only a discount code needs the database."""

    def __init__(
        self, catalog: CatalogCopy, codes: DiscountCodes, secret: str, clock: Clock, timezone: ZoneInfo
    ) -> None:
        self._catalog = catalog
        self._codes = codes
        self._secret = secret
        self._clock = clock
        self._timezone = timezone

    async def quote(
        self, move: Move, prefix: str = "", others: Iterable[Problem] = (), redeemers: list[str] | None = None
    ) -> Quote:
        """A quote at today's prices; a discount code is checked for `redeemers`, for anybody when these are null.

        Raises `Invalid` with every broken rule: those of the move under `prefix`, and the `others` that the caller
        found; `NotChargeable`; and `Unavailable` as long as no catalogue is known.
        """
        catalog = self._catalog.newest()
        now = self._clock()
        errors = by_field(move_problems(move, catalog, now, self._timezone), prefix) | by_field(others)
        if errors:
            raise Invalid(errors)
        wanted = resolved(move, catalog)
        return issue_quote(self._secret, wanted, await self._price(wanted, catalog, prefix, redeemers), now)

    async def hold(
        self,
        quote: Quote,
        token: str | None,
        expected_total_cents: int | None,
        prefix: str = "",
        redeemers: list[str] | None = None,
    ) -> Price:
        """The price to book at: the one that `token` promises, else that of `quote`.

        Raises `QuoteMismatch` for a token that does not fit, and `PriceChanged` when the caller expects another total.
        """
        held = quote.price if token is None else await self._promised(quote, token, prefix, redeemers)
        if held is None:
            raise QuoteMismatch(new_price=quote_document(quote))
        if expected_total_cents not in (None, held.total_cents):
            raise PriceChanged(new_price=quote_document(quote))
        return held

    async def _promised(self, quote: Quote, token: str, prefix: str, redeemers: list[str] | None) -> Price | None:
        promise = read_quote(self._secret, token, quote.move, self._clock())
        if promise is None or (catalog := await self._catalog.version(promise.catalog_version)) is None:
            return None
        promised = await self._price(quote.move, catalog, prefix, redeemers)
        return promised if promised.total_cents == promise.total_cents else None

    async def _price(self, move: Move, catalog: CatalogSnapshot, prefix: str, redeemers: list[str] | None) -> Price:
        try:
            return price(move, catalog, await self._discount(move, redeemers))
        except DiscountUnusable:
            raise Invalid({f"{prefix}discount_code": [UNUSABLE]}) from None

    async def _discount(self, move: Move, redeemers: list[str] | None) -> Discount | None:
        if move.discount_code is None:
            return None
        found = await self._codes.find(move.discount_code, redeemers, self._clock())
        if found is None:
            raise DiscountUnusable
        return found
