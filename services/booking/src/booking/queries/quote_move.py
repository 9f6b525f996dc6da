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
from booking.domain.quotes import PriceChanged, Quote, QuoteMismatch, issue_quote, price_as_promised, read_quote
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

    def checked(self, move: Move, prefix: str = "", others: Iterable[Problem] = ()) -> Move:
        """The move with all that it names resolved.

        Raises `Invalid` with every broken rule: those of the move under `prefix`, and the `others` that the caller
        found; and `Unavailable` as long as no catalogue is known.
        """
        catalog = self._catalog.newest()
        problems = move_problems(move, catalog, self._clock(), self._timezone)
        if errors := by_field(problems, prefix) | by_field(others):
            raise Invalid(errors)
        return resolved(move, catalog)

    async def quote(self, move: Move, prefix: str = "", redeemers: list[str] | None = None) -> Quote:
        """A quote of a checked move at today's prices; its code is checked for `redeemers`, for anybody when null.

        Raises `Invalid` for a discount code that can't be used, and `NotChargeable`.
        """
        return await self._quote(move, self._catalog.newest(), prefix, redeemers)

    async def hold(
        self,
        move: Move,
        token: str | None,
        expected_total_cents: int | None,
        prefix: str = "",
        redeemers: list[str] | None = None,
    ) -> Price:
        """The price to book a checked move at: the one that `token` promises, whatever it costs by now, else today's.

        Raises `QuoteMismatch` for a token that does not fit, `PriceChanged` when the caller expects another total, and
        what `quote` raises.
        """
        catalog = self._catalog.newest()
        promised = None if token is None else await self._promised(move, token, prefix, redeemers)
        if promised is not None and expected_total_cents in (None, promised.total_cents):
            return promised
        quote = await self._quote(move, catalog, prefix, redeemers)
        if token is not None and promised is None:
            raise QuoteMismatch(new_price=quote_document(quote))
        if promised is not None or expected_total_cents not in (None, quote.price.total_cents):
            raise PriceChanged(new_price=quote_document(quote))
        return quote.price

    async def _quote(self, move: Move, catalog: CatalogSnapshot, prefix: str, redeemers: list[str] | None) -> Quote:
        """By the catalogue that the move was checked with: a newer one may not have all that it names."""
        priced = await self._price(move, catalog, prefix, redeemers)
        return issue_quote(self._secret, move, priced, self._clock())

    async def _promised(self, move: Move, token: str, prefix: str, redeemers: list[str] | None) -> Price | None:
        promise = read_quote(self._secret, token, move, self._clock())
        if promise is None or (catalog := await self._catalog.version(promise.catalog_version)) is None:
            return None
        try:
            return price_as_promised(promise, move, catalog, await self._discount(move, redeemers))
        except DiscountUnusable:
            raise Invalid({f"{prefix}discount_code": [UNUSABLE]}) from None

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
