"""Turns documents into pages. Whatever customers wrote is escaped by the templates."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

_SERVICES = {"mini_move": "Mini move", "standard_delivery": "Standard delivery", "specialty_item": "Specialty items"}
_STATUSES = {
    "pending": "not paid yet",
    "confirmed": "to be paid otherwise",
    "paid": "paid",
    "in_progress": "in progress",
    "completed": "completed",
}


class Pages:
    """Each page comes with the nonce that its own style and script carry."""

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._templates = Environment(
            loader=PackageLoader("booking.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters |= {
            "clock": self._clock,
            "day": _day,
            "cargo": _cargo,
            "address": _address,
            "phone_link": _phone_link,
        }
        self._templates.globals |= {"statuses": _STATUSES}

    def run_sheet(self, sheet: Mapping[str, Any]) -> tuple[str, str]:
        """(the page to print, its nonce)."""
        return self._page("run_sheet.html", sheet=sheet)

    def crew_day(self, crew_day: Mapping[str, Any], address: str) -> tuple[str, str]:
        """(a crew's day for a phone, its nonce); forms go to places below `address`."""
        return self._page("crew_day.html", crew_day=crew_day, address=address)

    def message(self, sentence: str, back: str | None) -> tuple[str, str]:
        """(a page with one sentence and a way back, its nonce)."""
        return self._page("message.html", sentence=sentence, back=back)

    def _page(self, template: str, **values: Any) -> tuple[str, str]:
        nonce = secrets.token_urlsafe(16)
        return self._templates.get_template(template).render(nonce=nonce, **values), nonce

    def _clock(self, instant: datetime | str) -> str:
        known = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return known.astimezone(self._timezone).strftime("%-I:%M %p").lower()


def _day(day: date) -> str:
    return f"{day:%A, %B} {day.day}, {day.year}"


def _address(address: Mapping[str, str]) -> str:
    lines = [address["address_line_1"], address.get("address_line_2", ""), address["city"]]
    return ", ".join([*filter(None, lines), f"{address['state']} {address['zip_code']}"])


def _phone_link(phone: str) -> str:
    return "tel:" + "".join(sign for sign in phone if sign in "+0123456789")


def _cargo(move: Mapping[str, Any]) -> str:
    """What is moved, in a line."""
    parts = [_SERVICES[move["service_type"]]]
    if move["package_type"]:
        parts.append(str(move["package_type"]))
    if move["item_count"]:
        parts.append(f"{move['item_count']} item{'s' if move['item_count'] > 1 else ''}")
    parts += [f"{item['quantity']} × {item['name']}" for item in move["specialty_items"]]
    parts += [
        word
        for name, word in (("include_packing", "packing"), ("include_unpacking", "unpacking"), ("coi_required", "COI"))
        if move[name]
    ]
    return " · ".join(parts)
