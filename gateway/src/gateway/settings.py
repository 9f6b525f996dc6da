"""The gateway's own settings; comma lists are strings, so that every shell and compose file can write them."""

import base64
import binascii
from ipaddress import ip_network
from typing import Self

from pydantic import Field, model_validator
from shared.settings import ProcessSettings

KEY_BYTES = 32
DEVELOPMENT_ORIGINS = "http://localhost:3000,http://127.0.0.1:3000"


def comma_list(text: str) -> tuple[str, ...]:
    """`a, b` → ("a", "b")."""
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)


class Settings(ProcessSettings):
    """What the gateway reads from its environment."""

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Valkey or Redis that holds sessions and limits.")
    booking_url: str = Field("http://127.0.0.1:8001", description="Address of the booking service.")
    catalog_url: str = Field("http://127.0.0.1:8002", description="Address of the catalogue service.")
    payments_url: str = Field("http://127.0.0.1:8003", description="Address of the payments service.")
    customers_url: str = Field("http://127.0.0.1:8004", description="Address of the customers service.")
    notifications_url: str = Field("http://127.0.0.1:8005", description="Address of the notifications service.")
    identity_private_key: str = Field("", description="Ed25519 key that identity tokens are signed with, base64.")
    trusted_proxies: str = Field("", description="Networks whose X-Forwarded-* headers are believed, as CIDRs.")
    rate_limits_enabled: bool = Field(True, description="Whether request limits hold.")
    allowed_hosts: str = Field("*", description="Host names that are served; `*` is for development only.")
    cors_allowed_origins: str | None = Field(
        None, description="Origins whose scripts may call the API; default: localhost:3000 in development, else none."
    )
    csrf_trusted_origins: str = Field("", description="Further origins that unsafe requests may come from.")
    session_cookie_secure: bool | None = Field(None, description="Secure session cookie; default: not in development.")
    session_cookie_samesite: str = Field(
        "Lax", pattern="^(Lax|Strict|None)$", description="SameSite of the session: Lax, Strict or None."
    )
    session_cookie_domain: str = Field("", description="Domain of the cookies; default: the host alone.")
    csrf_cookie_secure: bool | None = Field(None, description="Secure CSRF cookie; default: not in development.")
    csrf_cookie_samesite: str = Field(
        "Lax", pattern="^(Lax|Strict|None)$", description="SameSite of the CSRF cookie: Lax, Strict or None."
    )

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins whose scripts may call the API with the visitor's cookies."""
        if self.cors_allowed_origins is None:
            return comma_list(DEVELOPMENT_ORIGINS) if self.debug else ()
        return comma_list(self.cors_allowed_origins)

    @property
    def upstreams(self) -> dict[str, str]:
        """Service name → its address."""
        return {
            "booking": self.booking_url,
            "catalog": self.catalog_url,
            "payments": self.payments_url,
            "customers": self.customers_url,
            "notifications": self.notifications_url,
        }

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        problems = super().unsafe()
        if "*" in comma_list(self.allowed_hosts):
            problems.append("ALLOWED_HOSTS must name the hosts that are served.")
        if any(not origin.startswith("https://") for origin in self.allowed_origins):
            problems.append("CORS_ALLOWED_ORIGINS must be origins that start with https://.")
        if self.session_cookie_secure is False:
            problems.append("SESSION_COOKIE_SECURE must not be off: the session would go over plain HTTP.")
        if self.csrf_cookie_secure is False:
            problems.append("CSRF_COOKIE_SECURE must not be off.")
        return problems

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        try:
            key = base64.b64decode(self.identity_private_key, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError("IDENTITY_PRIVATE_KEY must be the base64 of 32 bytes.")
        for network in comma_list(self.trusted_proxies):
            ip_network(network)
        return self
