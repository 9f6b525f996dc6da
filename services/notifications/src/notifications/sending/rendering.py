"""Templates become subject, text and HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from shared.contracts.booking_state import BookingState
from shared.money import format_dollars
from shared.sealing import Sealer

from notifications.domain.kinds import Kind
from notifications.domain.words import words_of

FOLDER = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the recipient sees it."""

    subject: str
    text: str
    html: str


class Renderer:
    """Renders messages. Templates run in a sandbox and may use only what is given to them; a missing value is an error.

    Links hold the booking's manage token, which is opened here and kept nowhere.
    """

    def __init__(self, site_url: str, sealer: Sealer, zone: ZoneInfo) -> None:
        self._site_url = site_url.rstrip("/")
        self._sealer = sealer
        self._zone = zone
        environment = partial(
            ImmutableSandboxedEnvironment,
            loader=FileSystemLoader(FOLDER),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._texts, self._pages = environment(), environment(autoescape=True)
        for templates in (self._texts, self._pages):
            templates.filters["money"] = format_dollars

    def render(self, kind: Kind, facts: Mapping[str, Any], booking: BookingState | None, first_name: str) -> Rendered:
        """The message; raises jinja's `TemplateError`, or `ValueError` when the token can't be opened."""
        values = {"facts": facts, "first_name": first_name, "site_url": self._site_url, **self._about(booking)}
        subject = self._texts.get_template(f"{kind}/subject.txt").render(values)
        values["subject"] = " ".join(subject.split())
        return Rendered(
            subject=values["subject"],
            text=self._texts.get_template(f"{kind}/body.txt").render(values).strip() + "\n",
            html=self._pages.get_template(f"{kind}/body.html").render(values),
        )

    def _about(self, booking: BookingState | None) -> dict[str, Any]:
        if booking is None:
            return {}
        page = f"{self._site_url}/bookings/{quote(booking.booking_number)}"
        token = f"?token={quote(self._token(booking))}" if booking.manage_token_sealed else ""
        return {
            "booking": words_of(booking, self._zone),
            "booking_link": page + token,
            "pay_link": f"{page}/pay{token}",
        }

    def _token(self, booking: BookingState) -> str:
        return self._sealer.open(booking.manage_token_sealed)
