"""What processes are told outside of this machine, with values in the places that a site fills in."""

from importlib import import_module

from devstack.keys import make_key_pair, make_sealing_key
from pydantic_settings import BaseSettings

from . import compose

PRIVATE, PUBLIC = make_key_pair().split(" ")
RANDOM = "0123456789abcdef0123456789abcdef"
FILLED_IN = {
    "SECRET_KEY": RANDOM,
    "DATABASE_URL": "postgresql://role:password@postgres:5432/service",
    "RABBITMQ_URL": "amqps://user:password@rabbitmq:5671/totetaxi",
    "REDIS_URL": "rediss://:password@valkey:6379/0",
    "IDENTITY_PRIVATE_KEY": PRIVATE,
    "IDENTITY_PUBLIC_KEYS": ",".join(
        f"{issuer}={PUBLIC}" for issuer in ("gateway", "booking", "customers", "payments")
    ),
    "TRUSTED_PROXIES": "10.8.0.0/14",
    "SEALING_KEY": make_sealing_key(),
    "STRIPE_SECRET_KEY": f"sk_live_{RANDOM}",
    "STRIPE_WEBHOOK_SECRET": f"whsec_{RANDOM}",
    "AWS_ACCESS_KEY_ID": RANDOM,
    "AWS_SECRET_ACCESS_KEY": RANDOM,
}
# Read by libraries, not by a settings class.
OF_LIBRARIES = {
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}
SECRETS = compose.ROOT / "deploy" / "secrets.example"
IN_IMAGE = {"HOST", "PORT"}


def settings_class(package: str) -> type[BaseSettings]:
    """The settings of the gateway or of a service."""
    found: type[BaseSettings] = import_module(f"{package}.settings").Settings
    return found


def read_by(package: str) -> set[str]:
    """The variables that its settings class reads."""
    return {name.upper() for name in settings_class(package).model_fields}


def secrets_of(package: str) -> dict[str, str]:
    """Its example of secrets, filled in."""
    lines = (SECRETS / f"{package}.env").read_text().splitlines()
    names = [line.removesuffix("=") for line in lines if not line.startswith("#")]
    return {name: FILLED_IN[name] for name in names}


def filled_in(told: dict[str, str]) -> dict[str, str]:
    """With values for what is empty or an example, where such a value is no setting."""
    empty = {name: FILLED_IN[name] for name, value in told.items() if value in ("", "example") and name in FILLED_IN}
    return {name: value.replace(",example", "").replace("example", "site") for name, value in (told | empty).items()}
