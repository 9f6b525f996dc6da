"""Settings: read once at the edge from environment variables; wrong or unsafe ones stop the start with a sentence."""

import logging
from typing import Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.http.identity import parse_public_keys
from shared.sealing import Sealer

UNSAFE_SECRETS = (
    "",
    "change-me",
    "django-insecure-change-me-in-production",
    "your-secret-key-here",
    "secret",
    "development",
)
SHORTEST_SECRET = 32


class ProcessSettings(BaseSettings):
    """What every process reads, the gateway included."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    debug: bool = Field(False, description="Development: relaxed secrets, insecure cookies, local mailbox.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; workers answer health checks on it.")
    secret_key: str = Field("development", description="Secret of this service, at least 32 characters.")
    business_timezone: str = Field("America/New_York", description="Zone of business dates.")
    public_site_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address of the website, with which links in messages start; it passes /api/ on to the gateway.",
    )
    log_level: str = Field("INFO", description="Lowest level that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    identity_public_keys: str = Field("", description="Keys that identity tokens are verified with: issuer=base64,…")

    @property
    def timezone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.business_timezone)

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        weak = self.secret_key in UNSAFE_SECRETS or len(self.secret_key) < SHORTEST_SECRET
        problems = [f"SECRET_KEY must be a random secret of at least {SHORTEST_SECRET} characters."] if weak else []
        if not self.identity_public_keys:
            problems.append("IDENTITY_PUBLIC_KEYS must name the keys of the gateway and of booking.")
        return problems

    @field_validator("business_timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise ValueError("Must be a time zone, such as America/New_York.") from None
        return value

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, value: str) -> str:
        if value.upper() not in logging.getLevelNamesMapping():
            raise ValueError("Must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
        return value.upper()

    @field_validator("identity_public_keys")
    @classmethod
    def _are_keys(cls, value: str) -> str:
        try:
            parse_public_keys(value)
        except ValueError:
            raise ValueError("Must be issuer=base64 of 32 bytes, separated by commas.") from None
        return value

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if not self.debug and (problems := self.unsafe()):
            raise ValueError(" ".join(problems))
        return self


class ServiceSettings(ProcessSettings):
    """What every service reads: its own database and the broker."""

    database_url: str = Field("postgresql://127.0.0.1:5432/totetaxi", description="This service's own database.")
    rabbitmq_url: str = Field(
        "amqp://guest:guest@127.0.0.1:5672/", description="The message broker, with a login of this service's own."
    )
    db_pool_size: int = Field(7, ge=1, le=50, description="Connections kept open, opened when they are needed.")
    # Those beyond the pool are closed as soon as they are free: under steady load nearly every request would open one,
    # which costs more than all of its statements together.
    db_max_overflow: int = Field(0, ge=0, le=50, description="Connections beyond those in a burst.")
    consumer_prefetch: int = Field(20, ge=1, le=100, description="Messages taken ahead from the queue.")
    relay_poll_seconds: float = Field(0.1, gt=0, le=5, description="Pause of an idle outbox relay, in seconds.")
    backup_dir: str = Field("", description="Folder of the daily backups, one for all workers; none are made without.")
    backup_days: int = Field(30, ge=1, le=3650, description="Days that backups are kept.")
    postgres_bin: str = Field("", description="Folder of pg_dump, pg_restore and psql; default: those of the PATH.")

    def in_database(self, name: str) -> Self:
        """These settings with another database of the same server; with their own if `name` is empty."""
        if not name:
            return self
        address = urlsplit(self.database_url)._replace(path=f"/{quote(name, safe='')}")
        return self.model_copy(update={"database_url": address.geturl()})

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        default = "//guest:guest@" in self.rabbitmq_url
        return [*super().unsafe(), *(["RABBITMQ_URL must not use the broker's default login."] if default else [])]

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        return _starting_with(value, ("postgresql://", "postgres://"))

    @field_validator("rabbitmq_url")
    @classmethod
    def _is_a_broker(cls, value: str) -> str:
        return _starting_with(value, ("amqp://", "amqps://"))


def _starting_with(value: str, schemes: tuple[str, ...]) -> str:
    if not value.startswith(schemes):
        raise ValueError(f"Must be an address that starts with {schemes[0]}.")
    return value


DEVELOPMENT_SEALING_KEY = "ZGV2ZWxvcG1lbnQtc2VhbGluZy1rZXktMzItYnl0ZXM="


class SealingSettings(ServiceSettings):
    """For services that put secrets into events for notifications, and for notifications itself."""

    sealing_key: str = Field(
        DEVELOPMENT_SEALING_KEY, description="Keys that open secrets in events, comma-separated; the first one seals."
    )

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        default = DEVELOPMENT_SEALING_KEY in self.sealing_key
        return [*super().unsafe(), *(["SEALING_KEY must be 32 random bytes in URL-safe base64."] if default else [])]

    @field_validator("sealing_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        Sealer(value)  # the library's own sentence says what a key must be
        return value
