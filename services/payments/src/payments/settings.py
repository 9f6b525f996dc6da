"""Settings of the payments service."""

from pydantic import Field, field_validator
from shared.http.identity import public_key_of
from shared.stores import StorageSettings

DEVELOPMENT_STRIPE_KEY = "sk_test_development"
DEVELOPMENT_WEBHOOK_SECRET = "whsec_development"  # noqa: S105  # refused outside development


class Settings(StorageSettings):
    """What payments reads besides what every service reads."""

    stripe_api_base: str = Field("https://api.stripe.com", description="Where Stripe's API is.")
    stripe_secret_key: str = Field(DEVELOPMENT_STRIPE_KEY, description="Secret key of the Stripe account.")
    stripe_webhook_secret: str = Field(
        DEVELOPMENT_WEBHOOK_SECRET,
        description="Secrets that Stripe signs webhooks with, comma-separated while one is replaced by another.",
    )
    booking_url: str = Field("http://127.0.0.1:8001", description="Where booking answers, for places of a day.")
    identity_private_key: str = Field("", description="Ed25519 key that payments signs its calls with, base64.")
    company_name: str = Field("Tote Taxi", description="Who issues receipts and invoices.")
    company_address: str = Field("", description="The company's address, on one line, for receipts and invoices.")

    @field_validator("identity_private_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            if value:
                public_key_of(value)
        except ValueError:
            raise ValueError("Must be an Ed25519 key, base64 of 32 bytes.") from None
        return value

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets in force, newest first or in any order."""
        return tuple(filter(None, (secret.strip() for secret in self.stripe_webhook_secret.split(","))))

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        problems = super().unsafe()
        if not self.identity_private_key:
            problems.append("IDENTITY_PRIVATE_KEY must be payments's Ed25519 key.")
        if self.stripe_secret_key in ("", DEVELOPMENT_STRIPE_KEY):
            problems.append("STRIPE_SECRET_KEY must be the secret key of your Stripe account.")
        if not self.webhook_secrets or DEVELOPMENT_WEBHOOK_SECRET in self.webhook_secrets:
            problems.append("STRIPE_WEBHOOK_SECRET must be the signing secret of your Stripe webhook endpoint.")
        return problems
