"""The link by which a crew sees its stops of one day without logging in: signed, and over when the day is."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.errors import Conflict, NotFound

_ID_BYTES, _DAY_BYTES, _SIGNATURE_BYTES = 16, 4, 16


class LinkIsOver(NotFound):
    """The link is not one of ours, or its day is over."""

    message = "This link is not valid any more. Ask the office for a new one."


class DayAhead(Conflict):
    """A crew can look at a day that is still to come, but has nothing to tell of it."""

    code = "day_ahead"
    message = "This day is still to come. Tell how far you are on the day itself."


@dataclass(frozen=True, slots=True)
class CrewDay:
    """What a link is for."""

    crew_id: UUID
    day: date


def crew_token(secret: str, crew_day: CrewDay) -> str:
    """The link's token: crew, day and a signature over both, URL-safe."""
    said = crew_day.crew_id.bytes + crew_day.day.toordinal().to_bytes(_DAY_BYTES)
    return base64.urlsafe_b64encode(said + _signature(secret, said)).decode().rstrip("=")


def crew_day_of(secret: str, token: str, today: date) -> CrewDay:
    """What a token is for; raises `LinkIsOver` for forged ones and those of earlier days."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise LinkIsOver() from None
    said, signature = raw[: _ID_BYTES + _DAY_BYTES], raw[_ID_BYTES + _DAY_BYTES :]
    if not hmac.compare_digest(signature, _signature(secret, said)):
        raise LinkIsOver()
    crew_day = CrewDay(UUID(bytes=said[:_ID_BYTES]), date.fromordinal(int.from_bytes(said[_ID_BYTES:])))
    if crew_day.day < today:
        raise LinkIsOver()
    return crew_day


def check_is_today(crew_day: CrewDay, today: date) -> None:
    """Raises `DayAhead`: a report makes a booking complete for good, so one that comes by mistake must not count."""
    if crew_day.day > today:
        raise DayAhead(date=crew_day.day.isoformat())


def _signature(secret: str, said: bytes) -> bytes:
    return hmac.new(secret.encode(), b"crew link" + said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
