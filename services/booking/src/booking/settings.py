"""The settings of booking."""

from pydantic import Field, field_validator
from shared.http.identity import public_key_of
from shared.settings import SealingSettings
from shared.stores import StorageSettings


class Settings(SealingSettings, StorageSettings):
    """What booking reads beside the settings of every service."""

    payments_url: str = Field("http://127.0.0.1:8003", description="Where payments answers, for payment intents.")
    catalog_url: str = Field("http://127.0.0.1:8002", description="Where catalog answers, for a first catalogue copy.")
    customers_url: str = Field("http://127.0.0.1:8004", description="Where customers answers, for its heartbeats.")
    notifications_url: str = Field(
        "http://127.0.0.1:8005", description="Where notifications answers, for its heartbeats."
    )
    identity_private_key: str = Field("", description="Ed25519 key that booking signs its calls with, base64.")

    @field_validator("identity_private_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            if value:
                public_key_of(value)
        except ValueError:
            raise ValueError("Must be an Ed25519 key, base64 of 32 bytes.") from None
        return value

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        missing = [] if self.identity_private_key else ["IDENTITY_PRIVATE_KEY must be booking's Ed25519 key."]
        return [*super().unsafe(), *missing]
