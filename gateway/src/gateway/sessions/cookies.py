"""The two cookies: the session, which scripts can't read, and the CSRF token, which they must."""

from dataclasses import dataclass

from gateway.request import RawHeaders
from gateway.settings import Settings

SESSION_COOKIE = "totetaxi_sessionid"
CSRF_COOKIE = "csrftoken"


def read_cookie(header: str, name: str) -> str | None:
    """A cookie's value from the Cookie header; the first one if it is sent twice."""
    for part in header.split(";"):
        key, separator, value = part.strip().partition("=")
        if separator and key == name:
            return value.strip('"')
    return None


@dataclass(frozen=True, slots=True)
class Cookies:
    """Writes both cookies with the attributes of the settings."""

    session_attributes: str
    csrf_attributes: str

    @classmethod
    def of(cls, settings: Settings) -> "Cookies":
        """The attributes that the settings ask for; Secure by default except in development."""

        def attributes(secure: bool | None, samesite: str) -> str:
            domain = f"; Domain={settings.session_cookie_domain}" if settings.session_cookie_domain else ""
            is_secure = not settings.debug if secure is None else secure
            return f"; Path=/{domain}; SameSite={samesite}{'; Secure' if is_secure else ''}"

        return cls(
            attributes(settings.session_cookie_secure, settings.session_cookie_samesite) + "; HttpOnly",
            attributes(settings.csrf_cookie_secure, settings.csrf_cookie_samesite),
        )

    def opened(self, token: str, csrf_token: str, max_age_seconds: int) -> RawHeaders:
        """Both cookies of a new session."""
        session = f"{SESSION_COOKIE}={token}; Max-Age={max_age_seconds}{self.session_attributes}"
        return [(b"set-cookie", session.encode()), *self.csrf(csrf_token, max_age_seconds)]

    def csrf(self, csrf_token: str, max_age_seconds: int) -> RawHeaders:
        """The CSRF cookie alone."""
        return [
            (b"set-cookie", f"{CSRF_COOKIE}={csrf_token}; Max-Age={max_age_seconds}{self.csrf_attributes}".encode())
        ]

    def cleared(self) -> RawHeaders:
        """Both cookies gone from the browser."""
        return self.opened("", "", 0)
