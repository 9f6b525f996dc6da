"""The customers service's own settings."""

from pydantic import Field
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the customers service reads beside what every service reads."""

    gateway_url: str = Field("http://127.0.0.1:8000", description="The gateway, which ends sessions when asked.")
    identity_private_key: str = Field("", description="Ed25519 key that customers signs its calls with, base64.")
    password_threads: int = Field(2, ge=1, le=64, description="Passwords hashed at a time; each takes 19 MiB.")

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        missing = "IDENTITY_PRIVATE_KEY is needed to end sessions at the gateway."
        return [*super().unsafe(), *([] if self.identity_private_key else [missing])]
