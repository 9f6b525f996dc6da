"""The customers service's own settings."""

from pydantic import Field
from shared.settings import SealingSettings


class Settings(SealingSettings):
    """What the customers service reads beside what every service reads."""

    gateway_url: str = Field("http://127.0.0.1:8000", description="The gateway, which ends sessions when asked.")
    booking_url: str = Field("http://127.0.0.1:8001", description="Where booking answers, for customers' own data.")
    payments_url: str = Field("http://127.0.0.1:8003", description="Where payments answers, for customers' own data.")
    notifications_url: str = Field(
        "http://127.0.0.1:8005", description="Where notifications answers, for customers' own data."
    )
    identity_private_key: str = Field("", description="Ed25519 key that customers signs its calls with, base64.")
    staff_totp_required: bool | None = Field(
        None, description="Whether administrators need a second factor; default: not in development."
    )
    password_threads: int = Field(2, ge=1, le=64, description="Passwords hashed at a time; each takes 19 MiB.")

    @property
    def admins_need_second_factor(self) -> bool:
        """Whether an administrator without a second factor may do nothing but set one up."""
        return not self.debug if self.staff_totp_required is None else self.staff_totp_required

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        missing = "IDENTITY_PRIVATE_KEY is needed to end sessions at the gateway."
        return [*super().unsafe(), *([] if self.identity_private_key else [missing])]
