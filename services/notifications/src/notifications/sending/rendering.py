"""Templates become subject, text, HTML and SMS."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from shared.contracts.booking_state import BookingState
from shared.money import format_dollars
from shared.sealing import Sealer

from notifications.domain.kinds import BY_SMS, OFFICE, Kind
from notifications.domain.words import day_in_words, moment_in_words, words_of
from notifications.sending.links import is_link

log = logging.getLogger(__name__)

MOST_COMPILED = 200

FOLDER = Path(__file__).parent.parent / "templates"

PARTS = {"subject": "subject.txt", "text": "body.txt", "html": "body.html", "sms": "sms.txt"}
"""The parts of a message → the files of their templates."""

PAGES = {
    (Kind.VERIFY_EMAIL, "customer"): "verify-email",
    (Kind.PASSWORD_RESET, "customer"): "reset-password",
    (Kind.PASSWORD_RESET, "staff"): "staff/reset-password",
    (Kind.STAFF_INVITATION, "staff"): "staff/accept-invitation",
}
"""Pages of the website that take a single-use token: kind and whose account → path."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """An e-mail as the recipient sees it."""

    subject: str
    text: str
    html: str


class Rewritten(Protocol):
    """Templates that staff put in place of ours."""

    def source(self, kind: Kind, part: str) -> str | None:
        """The template of a part, or null where ours is in use."""
        ...


class NothingRewritten:
    """Ours are in use throughout."""

    def source(self, kind: Kind, part: str) -> str | None:
        """Always null."""
        return None


class Renderer:
    """Renders messages. Templates run in a sandbox and may use only what is given to them; a missing value is an error.

    Links hold tokens of bookings and accounts, which are opened here and kept nowhere.
    """

    def __init__(
        self, site_url: str, sealer: Sealer, zone: ZoneInfo, rewritten: Rewritten = NothingRewritten()
    ) -> None:
        self._site_url = site_url.rstrip("/")
        self._sealer = sealer
        self._zone = zone
        self._rewritten = rewritten
        self._compiled: dict[tuple[str, str], Template] = {}
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
            templates.filters["moment"] = lambda iso: moment_in_words(datetime.fromisoformat(iso), zone)
            templates.filters["day"] = lambda iso: day_in_words(date.fromisoformat(iso))

    def with_templates(self, rewritten: Rewritten) -> "Renderer":
        """The same with other templates, to try them out."""
        return Renderer(self._site_url, self._sealer, self._zone, rewritten)

    def values(
        self,
        kind: Kind,
        facts: Mapping[str, Any],
        booking: BookingState | None,
        first_name: str,
        unsubscribe_link: str = "",
    ) -> dict[str, Any]:
        """What the templates of this kind may use; raises `ValueError` when a token can't be opened.

        `first_name` is the recipient's: the office is not greeted by the name of whom a message is about.
        """
        return {
            "facts": {"receipt": None} | {name: value for name, value in facts.items() if name != "token_sealed"},
            "first_name": "" if kind in OFFICE else first_name,
            "site_url": self._site_url,
            "unsubscribe_link": unsubscribe_link,
            **self._single_use_link(kind, facts),
            **self._about(kind, booking),
        }

    def render(self, kind: Kind, values: Mapping[str, Any]) -> Rendered:
        """The e-mail; raises jinja's `TemplateError`. Subjects are kept, so they see no links."""
        unsecret = {name: value for name, value in values.items() if not is_link(name)}
        subject = " ".join(self._part(kind, "subject", unsecret).split())
        values = {**values, "subject": subject}
        return Rendered(
            subject=subject,
            text=self._part(kind, "text", values).strip() + "\n",
            html=self._part(kind, "html", values),
        )

    def render_sms(self, kind: Kind, values: Mapping[str, Any]) -> str:
        """The text of the SMS, on one line; raises jinja's `TemplateError`."""
        return " ".join(self._part(kind, "sms", values).split())

    def sealed(self, secret: str) -> str:
        """A secret as events carry it, for samples."""
        return self._sealer.seal(secret)

    def from_source(self, part: str, source: str) -> Template:
        """A template that is not in use yet; raises `TemplateSyntaxError`."""
        template = self._compiled.get((part, source))
        if template is None:
            self._compiled = {} if len(self._compiled) >= MOST_COMPILED else self._compiled
            template = self._compiled[part, source] = self._environment(part).from_string(source)
        return template

    def _environment(self, part: str) -> ImmutableSandboxedEnvironment:
        return self._pages if part == "html" else self._texts

    def _part(self, kind: Kind, part: str, values: Mapping[str, Any]) -> str:
        """Staff's template if there is one, and ours if that fails: a message must not be lost for its wording."""
        source = self._rewritten.source(kind, part)
        if source is not None:
            try:
                return self.from_source(part, source).render(values)
            except Exception:
                log.exception("a rewritten template failed", extra={"kind": kind.value, "part": part})
        return self._environment(part).get_template(f"{kind}/{PARTS[part]}").render(values)

    def _about(self, kind: Kind, booking: BookingState | None) -> dict[str, Any]:
        if booking is None:
            return {}
        words = {"booking": words_of(booking, self._zone)}
        if kind in OFFICE:
            return {**words, "staff_link": f"{self._site_url}/staff/bookings/{booking.id}"}
        page = f"{self._site_url}/bookings/{quote(booking.booking_number)}"
        token = f"?token={quote(self._sealer.open(booking.manage_token_sealed))}" if booking.manage_token_sealed else ""
        return {
            **words,
            "booking_link": page + token,
            "pay_link": f"{page}/pay{token}",
            "rate_link": f"{page}/rate{token}",
        }

    def _single_use_link(self, kind: Kind, facts: Mapping[str, Any]) -> dict[str, str]:
        path = PAGES.get((kind, facts.get("account_kind", "customer")))
        if path is None:
            return {}
        return {"link": f"{self._site_url}/{path}?token={quote(self._sealer.open(facts['token_sealed']))}"}


def parts_of(kind: Kind) -> tuple[str, ...]:
    """The parts that a message of this kind has."""
    return tuple(PARTS) if kind in BY_SMS else ("subject", "text", "html")


def shipped_source(kind: Kind, part: str) -> str:
    """Our own template of a part."""
    return (FOLDER / kind / PARTS[part]).read_text()
