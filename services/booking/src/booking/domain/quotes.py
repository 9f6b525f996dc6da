"""Quote tokens: a signed promise of a price for 15 minutes, without anything being stored.

A token says at which catalogue version which total was quoted until when; its signature covers these and the whole
move, so that it fits no other move. The booked price is computed anew from that very version.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.catalog import CatalogSnapshot
from shared.errors import Conflict

from booking.domain.discounts import Discount, DiscountUnusable, taking
from booking.domain.move import Move, Place
from booking.domain.pricing import Price, price

VALID_FOR = timedelta(minutes=15)
LONGEST_TOKEN = 128

_PROMISE = struct.Struct(">III")
"""Catalogue version, total in cents, end in seconds since 1970."""


class QuoteMismatch(Conflict):
    """The token belongs to another move, has ended, or is none of ours; carries the price as it is now."""

    code = "quote_mismatch"
    message = "This quote does not match the booking. Please check the new price."


class PriceChanged(Conflict):
    """The price is not what the caller expected; carries the price as it is now."""

    code = "price_changed"
    message = "The price has changed. Please check the new price."


@dataclass(frozen=True, slots=True)
class Promise:
    """What a valid token promises."""

    catalog_version: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a resolved move, the token that keeps it, and when the token ends."""

    move: Move
    price: Price
    token: str
    expires_at: datetime


def issue_quote(secret: str, move: Move, price: Price, now: datetime) -> Quote:
    """A quote of `price` for a resolved move, valid from `now` for 15 minutes."""
    expires_at = (now + VALID_FOR).replace(microsecond=0)
    promise = _PROMISE.pack(price.catalog_version, price.total_cents, int(expires_at.timestamp()))
    token = base64.urlsafe_b64encode(promise + _signature(secret, promise, move)).decode().rstrip("=")
    return Quote(move, price, token, expires_at)


def read_quote(secret: str, token: str, move: Move, now: datetime) -> Promise | None:
    """What `token` promises for a resolved move; nothing if it is not ours, not for this move, or over."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    promise, signature = raw[: _PROMISE.size], raw[_PROMISE.size :]
    if len(promise) != _PROMISE.size or not hmac.compare_digest(signature, _signature(secret, promise, move)):
        return None
    version, total, ends = _PROMISE.unpack(promise)
    return Promise(version, total) if now < datetime.fromtimestamp(ends, UTC) else None


def price_as_promised(
    promise: Promise, move: Move, catalog: CatalogSnapshot, discount: Discount | None
) -> Price | None:
    """The promised price of a resolved move by the promised version of the catalogue; nothing if it gives another.

    A code has no versions: what it took off when it was quoted counts, whatever its terms have become.
    """
    try:
        held = price(move, catalog, discount)
    except DiscountUnusable:
        held = None
    if held is not None and held.total_cents == promise.total_cents:
        return held
    if discount is None:
        return None
    off = price(move, catalog).total_cents - promise.total_cents
    return price(move, catalog, taking(discount, off)) if off >= 0 else None


def _signature(secret: str, promise: bytes, move: Move) -> bytes:
    return hmac.new(secret.encode(), b"quote" + promise + _canonical(move), hashlib.sha256).digest()


def _canonical(move: Move) -> bytes:
    """The move as bytes that are the same for every spelling of it; a ZIP code's extension changes no price."""
    fields: dict[str, Any] = asdict(move) | {"pickup": _place(move.pickup), "delivery": _place(move.delivery)}
    return repr(sorted(fields.items())).encode()


def _place(place: Place | None) -> tuple[str, str] | None:
    return (place.state, place.zip5) if place else None
