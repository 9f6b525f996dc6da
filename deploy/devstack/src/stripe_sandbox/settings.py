"""What the sandbox reads from its environment, once, at its start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Addresses and secrets of one sandbox; `webhook_url` may be missing, then events are kept but sent nowhere."""

    host: str
    port: int
    secret_key: str
    publishable_key: str
    webhook_secret: str
    webhook_url: str | None
    data: Path

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises SystemExit with a sentence that names the variable which is missing or wrong."""
    return Settings(
        host=environment.get("HOST") or "127.0.0.1",
        port=_port(_required(environment, "PORT")),
        secret_key=_required(environment, "STRIPE_SECRET_KEY"),
        publishable_key=_required(environment, "STRIPE_PUBLISHABLE_KEY"),
        webhook_secret=_required(environment, "STRIPE_WEBHOOK_SECRET"),
        webhook_url=environment.get("STRIPE_WEBHOOK_URL") or None,
        data=Path(_required(environment, "STRIPE_SANDBOX_DATA")),
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SystemExit(f"The Stripe sandbox needs {name} in its environment.")
    return value


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)
